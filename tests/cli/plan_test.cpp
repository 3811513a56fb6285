// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whole `plan` commands on files that the test makes.

#include "cli/release_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Json = nlohmann::ordered_json;

class PlanCommand : public ReleaseFolder {
 protected:
  Outcome plan(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"plan", "--firmware", folder_, "--allow-unknown"});
    return bench_.run(arguments);
  }
};

// "3 1 2" with skipped indexes in parentheses, and the addresses.
std::string order(const Json& stage) {
  std::string text;
  for (const Json& step : stage["steps"]) {
    const auto index = std::to_string(step["index"].get<int>());
    if (!text.empty()) text += ' ';
    const std::string action = step["action"];
    text += action == "guard-open"    ? "<" + index
            : action == "guard-close" ? index + ">"
            : action == "write"       ? index
                                      : "(" + index + ")";
  }
  return text;
}

std::vector<std::string> addresses(const Json& stage) {
  std::vector<std::string> result;
  for (const Json& step : stage["steps"]) result.push_back(step["address"]);
  return result;
}

TEST_F(PlanCommand, GoesFrom048To064InTwoStages) {
  put("0.5.3");
  put("0.6.4");
  const Outcome outcome = plan({"--from", "0.4.8-rc.6", "--target", "0.6.4", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  ASSERT_EQ(json["stages"].size(), 2U);
  EXPECT_EQ(json["stages"][0]["release"], "0.5.3");
  EXPECT_EQ(order(json["stages"][0]), "<1 2 1>");
  EXPECT_THAT(addresses(json["stages"][0]), ElementsAre("0x08020000", "0x08040000", "0x08020000"));
  EXPECT_EQ(json["stages"][1]["release"], "0.6.4");
  EXPECT_EQ(order(json["stages"][1]), "<1 3 2 1>");
  EXPECT_THAT(addresses(json["stages"][1]),
              ElementsAre("0x08020000", "0x08060000", "0x08040000", "0x08020000"));
  EXPECT_TRUE(json["device"].is_null());
}

TEST_F(PlanCommand, RefusesWithoutTheStageBetween) {
  put("0.6.4");
  const Outcome json = plan({"--from", "0.4.8-rc.6", "--target", "0.6.4", "--json"});
  EXPECT_EQ(json.code, 5);
  EXPECT_EQ(json.json()["error"]["code"], "stage-missing");
  EXPECT_EQ(json.json()["error"]["needs"], (Json{"0.5.5", "0.5.3", "0.5.4"}));
  const Outcome text = plan({"--from", "0.4.8-rc.6", "--target", "0.6.4"});
  EXPECT_EQ(text.code, 5);
  EXPECT_THAT(text.out, IsEmpty());
  EXPECT_THAT(text.err, HasSubstr("releases/tag/v0.5.4"));
}

TEST_F(PlanCommand, GivesTheOnlySafeOrders) {
  put("0.5.5");
  put("0.6.4");
  put("0.7.0");
  const auto stages = [&](const std::string& from, const std::string& target) {
    const Outcome outcome = plan({"--from", from, "--target", target, "--json"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    std::vector<std::string> orders;
    const Json json = outcome.json();
    for (const Json& stage : json["stages"]) orders.push_back(order(stage));
    return orders;
  };
  EXPECT_THAT(stages("0.6.2", "0.7.0"), ElementsAre("<1 3 2 1>", "<1 3 2 1>"));
  EXPECT_THAT(stages("0.7.0", "0.6.4"), ElementsAre("<1 2 3 1>"));
  EXPECT_THAT(stages("0.6.4", "0.5.5"), ElementsAre("<1 2 1>"));
}

TEST_F(PlanCommand, CallsAReleaseByTheNameItWasGiven) {
  put("0.4.8-rc.6");
  const Outcome outcome = plan({"--from", "0.4.8-rc.6", "--target", "0.4.8-rc.6"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("0.4.8-rc.6"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("0.4.8-rc.5 or like it")));
}

TEST_F(PlanCommand, ReadsAStateFile) {
  put("0.7.0");
  const std::string state = R"({"modules": [
      {"function": "system-part", "index": 1, "version": 207},
      {"function": "system-part", "index": 2, "version": 110},
      {"function": "system-part", "index": 3, "version": 207}]})";
  write("state.json", base::as_bytes(state));
  const Outcome outcome = plan({"--state", path("state.json"), "--target", "0.7.0", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(order(outcome.json()["stages"][0]), "<1 3 2 1>");
}

TEST_F(PlanCommand, AsksTheDevice) {
  put("0.6.2");
  put("0.6.4");
  put("0.7.0");
  const Outcome outcome = plan({"--device", "sim:0.6.2", "--target", "0.7.0", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err << outcome.out;
  const Json json = outcome.json();
  EXPECT_FALSE(json["device"].is_null());
  EXPECT_EQ(json["device"]["bootloader_version"], 11);
  ASSERT_EQ(json["stages"].size(), 2U);
  EXPECT_EQ(order(json["stages"][0]), "<1 3 2 1>");
  EXPECT_EQ(order(json["stages"][1]), "<1 3 2 1>");
}

TEST_F(PlanCommand, CallsADamagedStateFileABadFile) {
  put("0.7.0");
  write("state.json", base::as_bytes(R"({"modules": [{"function": 1}]})"));
  EXPECT_EQ(plan({"--state", path("state.json"), "--target", "0.7.0"}).code, 4);
  EXPECT_EQ(plan({"--state", path("nothing.json"), "--target", "0.7.0"}).code, 4);
}

TEST_F(PlanCommand, TellsAMissingTargetFromAnUnknownOne) {
  put("0.6.4");
  const Outcome missing = plan({"--from", "0.6.4", "--target", "0.7.0", "--json"});
  EXPECT_EQ(missing.code, 4);
  EXPECT_EQ(missing.json()["error"]["code"], "target-missing");
  EXPECT_EQ(plan({"--from", "0.6.4", "--target", "9.9.9", "--json"}).code, 2);
  EXPECT_EQ(plan({"--from", "9.9.9", "--target", "0.6.4"}).code, 2);
  EXPECT_EQ(plan({"--from", "0.6.4", "--target", "latest"}).code, 2);
  EXPECT_EQ(plan({"--from", "0.6.4"}).code, 2);
}

TEST_F(PlanCommand, PrintsThePlanForPeople) {
  put("0.7.0");
  const Outcome outcome = plan({"--from", "0.6.4", "--target", "0.7.0"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("Target 0.7.0"));
  EXPECT_THAT(outcome.out, HasSubstr("write        system part 3  0x08060000"));
}

}  // namespace
}  // namespace cli_test
