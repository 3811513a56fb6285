// SPDX-License-Identifier: GPL-3.0-or-later
//
// The schemas themselves, and the validator that holds documents against them.

#include "support/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace {

using nlohmann::json;
using test_support::SchemaFolder;
using testing::IsEmpty;
using testing::Not;

SchemaFolder ours() { return SchemaFolder(std::string(ER_SOURCE_DIR) + "/docs/schemas"); }

TEST(Schemas, HaveNothingThatIsNotChecked) {
  EXPECT_GT(ours().names().size(), 15U);
  EXPECT_THAT(ours().unsound(), IsEmpty());
}

TEST(Schemas, WantAnErrorOfWhatFailedAndNoneOfWhatWentWell) {
  const auto problems = [](const json& document) { return ours().problems("failure", document); };
  EXPECT_THAT(problems({{"schema", 1}, {"ok", true}}), IsEmpty());
  EXPECT_THAT(problems({{"schema", 1}, {"ok", false}}), Not(IsEmpty()));
  const json error{{"code", "no-device"}, {"message", "none"}, {"hint", "plug one in"}};
  EXPECT_THAT(problems({{"schema", 1}, {"ok", false}, {"error", error}}), IsEmpty());
  EXPECT_THAT(problems({{"schema", 1}, {"ok", true}, {"error", error}}), Not(IsEmpty()));
  EXPECT_THAT(problems({{"schema", 2}, {"ok", true}}), Not(IsEmpty()));
  json unnamed = error;
  unnamed["code"] = "No Device";
  EXPECT_THAT(problems({{"schema", 1}, {"ok", false}, {"error", unnamed}}), Not(IsEmpty()));
  json helpless = error;
  helpless["hint"] = "";
  EXPECT_THAT(problems({{"schema", 1}, {"ok", false}, {"error", helpless}}), Not(IsEmpty()));
}

// One schema made for the test, and a value that breaks just one of its keywords at a time.
class Validator : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "schemas_test";
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  bool accepts(const char* schema, const json& value) const {
    std::ofstream(folder_ + "/s.schema.json") << schema;
    const SchemaFolder folder(folder_);
    EXPECT_THAT(folder.unsound(), IsEmpty()) << schema;
    return folder.problems("s", value).empty();
  }
  std::string folder_;
};

TEST_F(Validator, ChecksEveryKeywordThatOurSchemasUse) {
  struct Case {
    const char* schema;
    json good;
    json bad;
  };
  const Case cases[] = {
      {R"({"type": "integer"})", 1, 1.5},
      {R"({"type": ["string", "null"]})", nullptr, 1},
      {R"({"const": 1})", 1, 2},
      {R"({"enum": ["a", null]})", nullptr, "b"},
      {R"({"pattern": "^0x"})", "0x1", "1"},
      {R"({"minimum": 0, "maximum": 1})", 1, -1},
      {R"({"minimum": 0, "maximum": 1})", 0.5, 1.01},
      {R"({"required": ["a"]})", {{"a", 1}}, json::object()},
      {R"({"properties": {"a": {"type": "null"}}})", {{"a", nullptr}, {"b", 1}}, {{"a", 1}}},
      {R"({"properties": {"a": false}})", {{"b", 1}}, {{"a", 1}}},
      {R"({"additionalProperties": false, "properties": {"a": {}}})", {{"a", 1}}, {{"b", 1}}},
      {R"({"items": {"type": "string"}})", json::array({"a"}), json::array({"a", 1})},
      {R"({"minItems": 1})", json::array({1}), json::array()},
      {R"({"allOf": [{"minimum": 1}, {"maximum": 2}]})", 2, 3},
      {R"({"anyOf": [{"const": 1}, {"const": 2}]})", 2, 3},
      {R"({"if": {"const": 1}, "then": {"type": "integer"}, "else": {"type": "string"}})", "x", 2},
      {R"({"$defs": {"n": {"type": "null"}}, "$ref": "#/$defs/n"})", nullptr, 1},
      {R"({"$ref": "s.schema.json#/$defs/n", "$defs": {"n": {"type": "null"}}})", nullptr, 1},
  };
  for (const Case& one : cases) {
    EXPECT_TRUE(accepts(one.schema, one.good)) << one.schema;
    EXPECT_FALSE(accepts(one.schema, one.bad)) << one.schema;
  }
}

TEST_F(Validator, TellsOfWhatItDoesNotCheck) {
  std::ofstream(folder_ + "/s.schema.json")
      << R"({"items": {"maxItems": 3}, "$ref": "#/$defs/no"})";
  EXPECT_EQ(SchemaFolder(folder_).unsound().size(), 2U);
}

}  // namespace
