// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/decide.h"

#include <gtest/gtest.h>

namespace station {
namespace {

using records::Kind;
using records::Outcome;
using What = Decided::What;

const std::string kId = "3a0041000a47353235303037";

Facts facts_of(const std::string& id) {
  Facts facts;
  facts.guest = {id, records::IdentityBy::descriptor};
  facts.recipe = "r1";
  return facts;
}

records::Row passed_row(const std::string& recipe) {
  records::Row row;
  row.opening.recipe = recipe;
  row.ending = records::Ending{};
  row.ending->outcome = Outcome::pass;
  return row;
}

TEST(Decide, aBoardThatNobodyKnowsIsWorkedOn) {
  const Decided decided = decide(PolicyConfig{}, facts_of(""));
  EXPECT_EQ(decided.what, What::work);
  EXPECT_EQ(decided.kind, Kind::work);
  EXPECT_EQ(decided.tries, 2);
}

TEST(Decide, onePassedWithThisRecipeIsDoneAlreadyAndWithAnotherIsNot) {
  Facts facts = facts_of(kId);
  facts.history.last = passed_row("r1");
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::done_already);
  facts.history.last = passed_row("r0");
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::work);
}

TEST(Decide, whatIsDoneWithOneThatIsDoneIsThePolicys) {
  Facts facts = facts_of(kId);
  facts.history.last = passed_row("r1");
  PolicyConfig policy;
  policy.done_already = DoneAlready::verify;
  EXPECT_EQ(decide(policy, facts).kind, Kind::verify);
  policy.done_already = DoneAlready::again;
  EXPECT_EQ(decide(policy, facts).kind, Kind::work);
  policy.done_already = DoneAlready::show;
  facts.again = true;
  EXPECT_EQ(decide(policy, facts).what, What::work);
}

TEST(Decide, aDeviceThatFailedTooOftenIsHeldUntilItIsReleased) {
  Facts facts = facts_of(kId);
  facts.history.fails = 2;
  EXPECT_EQ(decide(PolicyConfig{}, facts).tries, 1);  // no more than are left
  facts.history.fails = 3;
  EXPECT_EQ(decide(PolicyConfig{}, facts).code, "too-many-tries");
  facts.history.fails = 0;
  facts.history.held = true;
  EXPECT_EQ(decide(PolicyConfig{}, facts).code, "held");
}

TEST(Decide, oneThatAnotherStationPassedIsDoneAlreadyUnlessMoreIsKnownSince) {
  Facts facts = facts_of(kId);
  facts.history.elsewhere = records::JudgedElsewhere{"line1-b", "A3", facts.recipe, true, 500};
  const Decided done = decide(PolicyConfig{}, facts);
  EXPECT_EQ(done.what, What::done_already);
  EXPECT_EQ(done.message, "passed before, at line1-b A3");
  facts.history.elsewhere->recipe = "another";
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::work);
  facts.history.elsewhere->recipe = facts.recipe;
  facts.history.elsewhere->passed = false;
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::work);
  // It failed here afterwards; or there, after it had passed here.
  facts.history.elsewhere->passed = true;
  facts.history.last = passed_row(facts.recipe);
  facts.history.last->ending->ended_ms = 900;
  facts.history.last->ending->outcome = Outcome::fail;
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::work);
  facts.history.last->ending->outcome = Outcome::pass;
  facts.history.elsewhere->passed = false;
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::done_already);
  facts.history.elsewhere->ended_ms = 1000;
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::work);
}

TEST(Decide, aRecalledDeviceIsWorkedOnWhereItsRecipeIsAndHeldElsewhere) {
  Facts facts = facts_of(kId);
  facts.history.assigned = records::Assignment{kId, facts.recipe, "recall 7"};
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::work);
  facts.history.assigned->recipe = "another recipe";
  const Decided held = decide(PolicyConfig{}, facts);
  EXPECT_EQ(held.what, What::hold);
  EXPECT_EQ(held.code, "another-recipe");
  EXPECT_NE(held.message.find("recall 7"), std::string::npos);
  // Not even where the lead wants it once more; but a golden unit is none of the hall's devices.
  facts.again = true;
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::hold);
  PolicyConfig policy;
  policy.golden = {kId};
  EXPECT_EQ(decide(policy, facts).kind, Kind::golden);
}

TEST(Decide, nothingIsBegunWhileTheLineStands) {
  Facts facts = facts_of(kId);
  facts.stop = Stop{"yield", "YIELD", 0};
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::wait);
  facts.stop.reset();
  facts.draining = true;
  EXPECT_EQ(decide(PolicyConfig{}, facts).what, What::wait);
  facts.draining = false;
  PolicyConfig policy;
  policy.at_once = 4;
  facts.busy = 4;
  EXPECT_EQ(decide(policy, facts).code, "at-once");
}

TEST(Decide, whenTheGoldenUnitIsDueItAloneIsWorkedOn) {
  PolicyConfig policy;
  policy.golden = {kId};
  Facts facts = facts_of(kId);
  facts.stop = Stop{"golden-due", "GOLDEN UNIT", 0};
  facts.history.last = passed_row("r1");
  EXPECT_EQ(decide(policy, facts).what, What::work);
  EXPECT_EQ(decide(policy, facts).kind, Kind::golden);
  facts.guest.id = "000000000000000000000001";
  EXPECT_EQ(decide(policy, facts).what, What::wait);
  facts.guest.id = kId;
  facts.stop->code = "disk";
  EXPECT_EQ(decide(policy, facts).what, What::wait);
}

TEST(StopRules, failsInARowStopTheLineAndAPassBreaksTheRow) {
  StopRules rules{PolicyConfig{}};
  EXPECT_FALSE(rules.note({"A1", "d1", Outcome::fail}).stop);
  EXPECT_FALSE(rules.note({"A2", "d2", Outcome::fail}).stop);
  EXPECT_FALSE(rules.note({"A3", "d3", Outcome::pass}).stop);
  EXPECT_FALSE(rules.note({"A1", "d4", Outcome::fail}).stop);
  EXPECT_FALSE(rules.note({"A2", "d5", Outcome::fail}).stop);
  const auto stop = rules.note({"A3", "d6", Outcome::fail}).stop;
  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->code, "fails-in-a-row");
  EXPECT_EQ(stop->text, "3 FAILS · CALL LEAD");
}

TEST(StopRules, whatWasPulledOrLostSaysNothingAboutTheLine) {
  StopRules rules{PolicyConfig{}};
  for (int n = 0; n < 10; ++n) {
    EXPECT_FALSE(rules.note({"A1", "", Outcome::aborted}).stop);
    EXPECT_FALSE(rules.note({"A1", "", Outcome::lost}).stop);
  }
}

TEST(StopRules, aSlotInWhichDifferentDevicesFailGoesOff) {
  PolicyConfig policy;
  policy.stop_in_a_row = 0;
  StopRules rules{policy};
  // The same device again is the device's fault.
  for (int n = 0; n < 5; ++n) EXPECT_TRUE(rules.note({"A1", "d1", Outcome::fail}).slot_off.empty());
  EXPECT_TRUE(rules.note({"A1", "d2", Outcome::fail}).slot_off.empty());
  EXPECT_TRUE(rules.note({"A2", "d3", Outcome::pass}).slot_off.empty());
  EXPECT_FALSE(rules.note({"A1", "d4", Outcome::fail}).slot_off.empty());
}

TEST(StopRules, aYieldThatIsTooLowOverTwentyDevicesStopsTheLineUntilItIsUnlocked) {
  PolicyConfig policy;
  policy.stop_in_a_row = 0;
  policy.stop_slot_in_a_row = 0;
  StopRules rules{policy};
  std::optional<Stop> stop;
  for (int n = 0; n < 20; ++n) {
    EXPECT_FALSE(stop) << n;
    stop = rules.note({"A1", "", n % 5 == 0 ? Outcome::fail : Outcome::pass}).stop;
  }
  ASSERT_TRUE(stop);  // 16 of 20
  EXPECT_EQ(stop->text, "YIELD 80 % · CALL LEAD");
  rules.unlock();
  EXPECT_FALSE(rules.note({"A1", "", Outcome::fail}).stop);
}

}  // namespace
}  // namespace station
