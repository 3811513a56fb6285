// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace report {
namespace {

using platform::kBootloader;
using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::kUserPart;
using testing::HasSubstr;

base::Result<plan::InstalledState> parse(std::string_view json) {
  return parse_state_file(json, platform::electron(), release::Catalogue::embedded());
}

plan::InstalledState state(std::string_view json) {
  auto parsed = parse(json);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return {};
  }
  return *parsed;
}

std::string refusal(std::string_view json) {
  const auto parsed = parse(json);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, base::Errc::bad_file);
  EXPECT_EQ(parsed.error().id, "bad-state-file");
  return parsed.error().message;
}

TEST(ParseStateFile, TakesFunctionIndexAndVersionAlone) {
  const plan::InstalledState mixed = state(R"({"modules": [
      {"function": "system-part", "index": 1, "version": 207},
      {"function": "system-part", "index": 2, "version": 110},
      {"function": "system-part", "index": 3, "version": 207}]})");
  ASSERT_NE(mixed.valid(kSystemPart1), nullptr);
  EXPECT_EQ(mixed.valid(kSystemPart1)->dependencies()[0],
            (firmware::Dependency{kSystemPart3, 207}));
  EXPECT_EQ(mixed.valid(kSystemPart2)->dependencies()[0],
            (firmware::Dependency{kSystemPart1, 110}));
  EXPECT_EQ(mixed.valid(kSystemPart3)->dependencies()[0],
            (firmware::Dependency{kSystemPart2, 110}));
  EXPECT_FALSE(mixed.valid(kSystemPart3)->read()) << "nobody has read them";
  EXPECT_EQ(plan::judge(mixed, release::Catalogue::embedded()).verdict, plan::Verdict::runs);
}

TEST(ParseStateFile, ClaimsNoBytesWhereSeveralReleasesHaveTheVersion) {
  const plan::InstalledState old = state(R"({"modules": [
      {"function": "system-part", "index": 2, "version": 10}]})");
  ASSERT_NE(old.valid(kSystemPart2), nullptr);
  EXPECT_FALSE(old.valid(kSystemPart2)->read());
}

TEST(ParseStateFile, TakesTheDocumentOfInfo) {
  const plan::InstalledState whole = state(R"({"schema": 1, "ok": true,
      "device": {"id": null, "mode": "dfu", "bootloader_version": 11, "factory_image": true},
      "modules": [
        {"file": null, "function": "bootloader", "index": 0, "version": 11, "valid": true,
         "address": "0x08000000", "dependencies": [], "sha256": null},
        {"function": "system-part", "index": 1, "version": 110, "release": "0.6.4",
         "platform": 10, "address": "0x08020000", "end": "0x0803e33c", "size": 123712,
         "dependencies": [{"function": "system-part", "index": 3, "version": 110}],
         "crc32": "0xccc10f45", "crc_ok": true, "valid": true, "problems": []},
        {"function": "system-part", "index": 2, "version": null, "valid": false,
         "health": "blank"},
        {"function": "system-part", "index": 3, "version": 110, "valid": false, "crc_ok": false,
         "health": "corrupt", "problems": [{"code": "crc-mismatch", "message": "…"}]},
        {"function": "user-part", "index": 1, "version": 6, "valid": true, "crc32": "0x00000001",
         "end": "0x08080ffc",
         "dependencies": [{"function": "system-part", "index": 2, "version": 102}]}]})");
  EXPECT_EQ(whole.bootloader_version, 11);
  EXPECT_EQ(whole.factory_image, true);
  EXPECT_EQ(whole.valid(kSystemPart1)->header()->size(), 123712U);
  EXPECT_EQ(whole.valid(kSystemPart1)->read()->crc32, 0xccc10f45U);
  EXPECT_EQ(whole.find(kSystemPart2)->health(), plan::Health::blank);
  EXPECT_EQ(whole.find(kSystemPart3)->health(), plan::Health::corrupt);
  EXPECT_EQ(whole.find(kSystemPart3)->version(), 110);
  EXPECT_EQ(whole.valid(kUserPart)->dependencies()[0], (firmware::Dependency{kSystemPart2, 102}));
  EXPECT_EQ(plan::judge(whole, release::Catalogue::embedded()).verdict,
            plan::Verdict::does_not_boot);
}

TEST(ParseStateFile, CallsAModuleThatIsNotValidCorrupt) {
  EXPECT_EQ(state(R"({"modules": [{"function": "system-part", "index": 1, "valid": false}]})")
                .find(kSystemPart1)
                ->health(),
            plan::Health::corrupt);
}

TEST(ParseStateFile, RefusesWhatIsNoStateFile) {
  EXPECT_THAT(refusal(""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("no list of"));
  EXPECT_THAT(refusal(R"({"modules": 7})"), HasSubstr("no list of"));
  EXPECT_THAT(refusal(R"({"modules": [7]})"), HasSubstr("no object"));
  EXPECT_THAT(refusal(R"({"modules": [], "device": []})"), HasSubstr("\"device\""));
  EXPECT_THAT(refusal(std::string(100000, '[')), HasSubstr("not JSON"));
}

TEST(ParseStateFile, RefusesAModuleThatCannotBe) {
  const auto module = [](std::string_view fields) {
    return refusal("{\"modules\": [{" + std::string(fields) + "}]}");
  };
  EXPECT_THAT(module(R"("index": 1, "version": 1)"), HasSubstr("no \"function\""));
  EXPECT_THAT(module(R"("function": "system-part", "index": 4, "version": 1)"),
              HasSubstr("no module"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 257, "version": 1)"),
              HasSubstr("no module"));
  EXPECT_THAT(module(R"("function": "rocket", "version": 1)"), HasSubstr("no module"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1)"), HasSubstr("no \"version\""));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": -1)"),
              HasSubstr("0 to 65535"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 65536)"),
              HasSubstr("0 to 65535"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": "110")"),
              HasSubstr("0 to 65535"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 1e300)"),
              HasSubstr("0 to 65535"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 110, "valid": "yes")"),
              HasSubstr("neither true nor false"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 110, "health": "ill")"),
              HasSubstr("\"health\""));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 110, "crc32": "zz")"),
              HasSubstr("\"crc32\""));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 110,
                        "crc32": "0x1", "end": "0x09000000")"),
              HasSubstr("does not end in its sector"));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 110,
                        "dependencies": {})"),
              HasSubstr("\"dependencies\""));
  EXPECT_THAT(module(R"("function": "system-part", "index": 1, "version": 110,
                        "dependencies": [{"function": "system-part"}])"),
              HasSubstr("a dependency"));
}

TEST(ParseStateFile, RefusesASchemaThatItDoesNotKnow) {
  const auto newer = parse(R"({"schema": 99, "modules": []})");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, base::Errc::bad_file);
  EXPECT_EQ(newer.error().id, "state-version");
  EXPECT_TRUE(parse(R"({"schema": 1, "modules": []})"));
}

TEST(ParseStateFile, RefusesAModuleThatIsThereTwice) {
  EXPECT_THAT(refusal(R"({"modules": [
      {"function": "system-part", "index": 1, "version": 1},
      {"function": "system-part", "index": 1, "version": 2}]})"),
              HasSubstr("twice"));
}

}  // namespace
}  // namespace report
