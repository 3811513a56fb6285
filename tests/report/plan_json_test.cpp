// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/plan_json.h"

#include "plan/shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

using plan_test::at;
using plan_test::mixed;
using plan_test::planned;
using plan_test::refused;
using Json = nlohmann::ordered_json;

Json document_of(const plan::Plan& plan) { return plan_json(plan, plan_test::catalogue()); }

TEST(PlanJson, HasEveryFieldOfTheContract) {
  const Json json = document_of(planned(at("0.4.8-rc.6", 6), "0.6.4", {"0.5.3", "0.6.4"}));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["ok"], true);
  EXPECT_TRUE(json["device"].is_null());
  EXPECT_EQ(json["target"], "0.6.4");
  ASSERT_EQ(json["stages"].size(), 2U);
  const Json& stage = json["stages"][0];
  EXPECT_EQ(stage["release"], "0.5.3");
  EXPECT_EQ(stage["then"], "boot");
  EXPECT_EQ(stage["guard"]["index"], 1);
  EXPECT_FALSE(stage["guard"]["reason"].get<std::string>().empty());
  EXPECT_EQ(json["medium"], "dfu");
  EXPECT_EQ(json["direction"], "upgrade");
  ASSERT_EQ(json["stages"][1]["steps"].size(), 4U);
  EXPECT_EQ(json["stages"][1]["steps"][0]["action"], "guard-open");
  EXPECT_EQ(json["stages"][1]["steps"][3]["action"], "guard-close");
  const Json& step = json["stages"][1]["steps"][1];
  EXPECT_EQ(step["file"], "system-part1-0.6.4-electron.bin");
  EXPECT_EQ(step["part"], 1);
  EXPECT_EQ(step["function"], "system-part");
  EXPECT_EQ(step["index"], 3);
  EXPECT_EQ(step["address"], "0x08060000");
  EXPECT_EQ(step["size"], 4096);
  EXPECT_TRUE(step["from_version"].is_null());
  EXPECT_EQ(step["to_version"], 110);
  EXPECT_EQ(step["action"], "write");
  EXPECT_FALSE(step["reason"].get<std::string>().empty());
  EXPECT_EQ(json["warnings"], Json::array());
}

TEST(PlanJson, ListsWhatIsOnTheDevice) {
  const Json json = document_of(planned(mixed("0.7.0", "0.6.4", "-", 11), "0.6.4", {"0.6.4"}));
  ASSERT_EQ(json["from"].size(), 3U);
  EXPECT_EQ(json["from"][0]["version"], 207);
  EXPECT_EQ(json["from"][0]["release"], "0.7.0");
  EXPECT_EQ(json["from"][1]["valid"], true);
  EXPECT_EQ(json["from"][2]["valid"], false);
}

TEST(PlanJson, HasNoGuardWhereNoSystemPartIsWrittenAndSaysWhy) {
  const Json json = document_of(planned(at("0.7.0", 101), "0.7.0", {"0.7.0"}));
  EXPECT_TRUE(json["stages"][0]["guard"].is_null());
  EXPECT_EQ(json["stages"][0]["no_guard"], "no system part is written");
  EXPECT_EQ(json["stages"][0]["steps"][0]["action"], "skip");
}

TEST(PlanJson, TellsWhatARefusalNeeds) {
  const plan::Refusal refusal = refused(at("0.4.8-rc.6", 6), "0.6.4", {"0.6.4"});
  Json json = {{"schema", 1}, {"ok", true}};
  add_refusal(json, refusal);
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(json["error"]["code"], "stage-missing");
  EXPECT_EQ(json["error"]["needs"], (Json{"0.5.5", "0.5.4", "0.5.3"}));
  EXPECT_EQ(json["error"]["where"].size(), 3U);
  EXPECT_FALSE(json["error"]["hint"].get<std::string>().empty());
}

TEST(AsError, TellsMissingFilesFromRules) {
  EXPECT_EQ(plan::as_error({"target-missing", "", "", {}, {}}).code, base::Errc::bad_file);
  EXPECT_EQ(plan::as_error({"unknown-release", "", "", {}, {}}).code, base::Errc::bad_file);
  EXPECT_EQ(plan::as_error({"stage-missing", "", "", {}, {}}).code, base::Errc::refused);
  EXPECT_EQ(plan::as_error({"downgrade-needs-0.6.4", "", "", {}, {}}).code, base::Errc::refused);
  EXPECT_EQ(plan::as_error({"downgrade-needs-0.6.4", "", "", {}, {}}).id, "downgrade-needs-0.6.4");
}

}  // namespace
}  // namespace report
