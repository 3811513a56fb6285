// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/plan.h"
#include "plan/shelf.h"
#include "release/assemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plan_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Sequence {
  const char* from;
  const char* target;
  std::vector<std::string_view> shelf;
  const char* stages;
};

// From a clean device.
TEST(MakePlan, TakesEachReleaseToEachOtherInTheOnlySafeOrder) {
  const std::vector<Sequence> sequences{
      {"0.4.6", "0.5.5", {"0.5.5"}, "0.5.5: <1 2 1>"},
      {"0.4.8-rc.6", "0.6.4", {"0.5.3", "0.6.4"}, "0.5.3: <1 2 1> | 0.6.4: <1 3 2 1>"},
      {"0.4.8-rc.6", "0.6.4", {"0.5.3", "0.5.4", "0.6.4"}, "0.5.4: <1 2 1> | 0.6.4: <1 3 2 1>"},
      {"0.4.8-rc.6",
       "0.6.4",
       {"0.5.3", "0.5.4", "0.5.5", "0.6.4"},
       "0.5.5: <1 2 1> | 0.6.4: <1 3 2 1>"},
      {"0.5.2", "0.6.4", {"0.5.5", "0.6.4"}, "0.5.5: <1 2 1> | 0.6.4: <1 3 2 1>"},
      {"0.5.3", "0.6.4", {"0.5.5", "0.6.4"}, "0.6.4: <1 3 2 1>"},
      {"0.5.5", "0.6.4", {"0.6.4"}, "0.6.4: <1 3 2 1>"},
      {"0.5.5", "0.7.0", {"0.6.4", "0.7.0"}, "0.6.4: <1 3 2 1> | 0.7.0: <1 3 2 1>"},
      {"0.6.0", "0.7.0", {"0.6.4", "0.7.0"}, "0.6.4: <1 3 2 1> | 0.7.0: <1 3 2 1>"},
      {"0.6.2", "0.7.0", {"0.6.4", "0.7.0"}, "0.6.4: <1 3 2 1> | 0.7.0: <1 3 2 1>"},
      {"0.6.3", "2.3.1", {"0.6.4", "2.3.1"}, "0.6.4: <1 3 2 1> | 2.3.1: <1 3 2 1>"},
      {"0.6.0", "0.6.4", {"0.5.5", "0.6.4"}, "0.6.4: <1 3 2 1>"},
      {"0.6.4", "0.7.0", {"0.7.0"}, "0.7.0: <1 3 2 1>"},
      {"0.6.4", "2.3.1", {"2.3.1"}, "2.3.1: <1 3 2 1>"},
      {"0.7.0", "3.3.1", {"0.6.4", "3.3.1"}, "3.3.1: <1 3 2 1>"},
      {"0.4.8-rc.6",
       "2.3.1",
       {"0.5.5", "0.6.4", "0.7.0", "2.3.1"},
       "0.5.5: <1 2 1> | 0.6.4: <1 3 2 1> | 2.3.1: <1 3 2 1>"},
      {"0.7.0", "0.6.4", {"0.6.4"}, "0.6.4: <1 2 3 1>"},
      {"2.3.1", "0.6.4", {"0.6.4"}, "0.6.4: <1 2 3 1>"},
      {"2.3.1", "1.5.2", {"0.6.4", "1.5.2"}, "1.5.2: <1 2 3 1>"},
      {"0.7.0", "0.6.3", {"0.6.3", "0.6.4"}, "0.6.4: <1 2 3 1> | 0.6.3: <1 2 3 1>"},
      {"0.6.4", "0.6.0", {"0.6.0"}, "0.6.0: <1 2 3 1>"},
      {"0.6.4", "0.5.5", {"0.5.5"}, "0.5.5: <1 2 1>"},
      {"0.6.4", "0.5.3", {"0.5.3"}, "0.5.3: <1 2 1>"},
      {"0.7.0", "0.5.5", {"0.5.5", "0.6.4"}, "0.6.4: <1 2 3 1> | 0.5.5: <1 2 1>"},
      {"2.3.1", "0.4.6", {"0.4.6", "0.6.4"}, "0.6.4: <1 2 3 1> | 0.4.6: <1 2 1>"},
  };
  for (const Sequence& sequence : sequences) {
    SCOPED_TRACE(fmt::format("{} to {}", sequence.from, sequence.target));
    EXPECT_EQ(brief(planned(at(sequence.from, 0), sequence.target, sequence.shelf)),
              sequence.stages);
  }
}

struct Mixed {
  const char* index1;
  const char* index2;
  const char* index3;
  const char* target;
  const char* stages;
};

const std::vector<std::string_view> kShelf{"0.5.5", "0.6.2", "0.6.3", "0.6.4", "0.7.0", "2.3.1"};

TEST(MakePlan, ContinuesFromStatesThatAnInterruptionLeft) {
  const std::vector<Mixed> states{
      // an upgrade to 0.7.0 that stopped before its last part, or a downgrade after its first
      {"0.7.0", "0.6.4", "0.7.0", "0.7.0", "0.7.0: <1 (3) 2 1>"},
      {"0.7.0", "0.6.4", "0.7.0", "0.6.4", "0.6.4: <1 (2) 3 1>"},
      {"0.7.0", "0.6.4", "0.7.0", "2.3.1", "2.3.1: <1 3 2 1>"},
      {"0.6.4", "0.6.4", "0.7.0", "0.7.0", "0.7.0: <1 (3) 2 1>"},
      {"0.6.4", "0.6.4", "0.7.0", "0.6.4", "0.6.4: <1 (2) 3 1>"},
      // an upgrade from 0.5.5 that stopped
      {"0.6.4", "0.5.5", "0.6.4", "0.6.4", "0.6.4: <1 (3) 2 1>"},
      {"0.5.5", "0.5.5", "0.6.4", "0.6.4", "0.6.4: <1 (3) 2 1>"},
      {"0.6.4", "0.5.5", "0.6.4", "0.5.5", "0.5.5: <1 (2) 1>"},
      // what DFU alone can make
      {"0.6.2", "0.6.2", "0.7.0", "0.6.4", "0.6.4: <1 3 2 1>"},
      {"0.6.2", "0.6.2", "0.7.0", "0.7.0", "0.7.0: <1 (3) 2 1>"},
      {"0.6.3", "0.6.3", "0.7.0", "0.6.4", "0.6.4: <1 3 2 1>"},
      {"0.6.3", "0.6.3", "0.7.0", "0.7.0", "0.7.0: <1 (3) 2 1>"},
      {"0.7.0", "0.6.3", "0.7.0", "0.7.0", "0.7.0: <1 (3) 2 1>"},
      {"0.6.4", "0.7.0", "0.6.4", "0.7.0", "0.7.0: <1 3 (2) 1>"},
      {"0.6.4", "0.7.0", "0.6.4", "0.6.4", "0.6.4: <1 2 (3) 1>"},
  };
  for (const Mixed& state : states) {
    SCOPED_TRACE(
        fmt::format("{} / {} / {} to {}", state.index1, state.index2, state.index3, state.target));
    EXPECT_EQ(
        brief(planned(mixed(state.index1, state.index2, state.index3, 0), state.target, kShelf)),
        state.stages);
  }
}

TEST(MakePlan, RewritesOnlyTheDamagedPartOfTheSameRelease) {
  const std::vector<Mixed> states{
      {"-", "0.6.4", "0.6.4", "0.6.4", "0.6.4: <1 (3) (2) 1>"},
      {"0.6.4", "!0.6.4", "0.6.4", "0.6.4", "0.6.4: <1 (3) 2 1>"},
      {"0.6.4", "0.6.4", "!0.6.4", "0.6.4", "0.6.4: <1 3 (2) 1>"},
      {"0.5.5", "-", "-", "0.5.5", "0.5.5: <1 2 1>"},
      {"2.3.1", "2.3.1", "-", "2.3.1", "2.3.1: <1 3 (2) 1>"},
  };
  for (const Mixed& state : states) {
    SCOPED_TRACE(fmt::format("{} / {} / {}", state.index1, state.index2, state.index3));
    const plan::Plan plan =
        planned(mixed(state.index1, state.index2, state.index3, 0), state.target, kShelf);
    EXPECT_EQ(brief(plan), state.stages);
    EXPECT_THAT(codes(plan), Contains("rules-not-applicable"));
  }
}

TEST(MakePlan, KeepsToTheWaypointsWhereNothingRuns) {
  const std::vector<Mixed> states{
      {"0.4.6", "-", "-", "0.6.4", "0.5.5: <1 2 1> | 0.6.4: <1 3 2 1>"},
      {"0.6.2", "!0.6.2", "0.6.2", "0.7.0", "0.6.4: <1 3 2 1> | 0.7.0: <1 3 2 1>"},
      {"0.7.0", "-", "0.7.0", "0.6.2", "0.6.4: <1 2 3 1> | 0.6.2: <1 2 3 1>"},
      {"-", "0.6.4", "0.7.0", "0.6.2", "0.6.4: <1 (2) 3 1> | 0.6.2: <1 2 3 1>"},
      {"-", "0.6.4", "0.7.0", "0.7.0", "0.7.0: <1 (3) 2 1>"},
      {"-", "0.5.5", "0.6.4", "0.6.4", "0.6.4: <1 (3) 2 1>"},
  };
  for (const Mixed& state : states) {
    SCOPED_TRACE(
        fmt::format("{} / {} / {} to {}", state.index1, state.index2, state.index3, state.target));
    EXPECT_EQ(
        brief(planned(mixed(state.index1, state.index2, state.index3, 0), state.target, kShelf)),
        state.stages);
  }
}

TEST(MakePlan, RefusesWithTheReleasesThatWouldDo) {
  const plan::Refusal up = refused(at("0.4.8-rc.6", 6), "0.6.4", {"0.6.4"});
  EXPECT_EQ(up.code, "stage-missing");
  EXPECT_THAT(up.needs, ElementsAre("0.5.5", "0.5.4", "0.5.3"));
  ASSERT_EQ(up.where.size(), 3U);
  EXPECT_THAT(up.where.front(), HasSubstr("releases/tag/v0.5.5"));

  const plan::Refusal down = refused(at("0.7.0", 101), "0.6.2", {"0.6.2"});
  EXPECT_EQ(down.code, "downgrade-needs-0.6.4");
  EXPECT_THAT(down.needs, ElementsAre("0.6.4"));

  EXPECT_EQ(refused(at("0.6.2", 11), "0.7.0", {"0.7.0", "0.5.5"}).code, "stage-missing");
}

TEST(MakePlan, NamesTheSecondMissingStageToo) {
  const plan::Refusal refusal = refused(at("0.4.8-rc.6", 6), "2.3.1", {"2.3.1"});
  EXPECT_THAT(refusal.needs, ElementsAre("0.5.5", "0.5.4", "0.5.3"));
  EXPECT_THAT(refusal.hint, HasSubstr("0.6.4 will be needed too"));
}

TEST(MakePlan, RefusesATargetThatIsNotThere) {
  const plan::Refusal known = refused(at("0.6.4", 11), "0.7.0", {"0.6.4"});
  EXPECT_EQ(known.code, "target-missing");
  EXPECT_THAT(known.needs, ElementsAre("0.7.0"));
  EXPECT_THAT(known.hint, HasSubstr("`electron-rescue fetch 0.7.0`"));
  EXPECT_EQ(refused(at("0.6.4", 11), "9.9.9", {"0.6.4"}).code, "unknown-release");
}

TEST(MakePlan, SaysWhichPartsOfTheTargetAreMissing) {
  auto parts = parts_of("0.7.0");
  parts.erase(parts.begin() + 1);
  const release::Library shelf = release::assemble(parts, catalogue(), {});
  const plan::Outcome result = outcome(at("0.6.4", 11), "0.7.0", shelf);
  ASSERT_TRUE(std::holds_alternative<plan::Refusal>(result));
  EXPECT_EQ(std::get<plan::Refusal>(result).code, "target-missing");
  EXPECT_THAT(std::get<plan::Refusal>(result).message,
              HasSubstr("system-part3-0.7.0-electron.bin (system part 2) is missing"));
}

TEST(MakePlan, SaysThatOtherFilesThanTheReleasedOnesCanBeAllowed) {
  const release::Catalogue& released = release::Catalogue::embedded();
  for (const char* target : {"2.3.1", "0.4.8-rc.6"}) {
    const release::Library shelf = release::assemble(parts_of(target), released, {});
    plan::Request request;
    request.target = version(target);
    request.library = &shelf;
    const plan::Outcome result =
        plan::make_plan(at("0.6.4", 11), request, plan::Medium::dfu, released);
    ASSERT_TRUE(std::holds_alternative<plan::Refusal>(result)) << target;
    EXPECT_EQ(std::get<plan::Refusal>(result).code, "target-missing");
    EXPECT_THAT(std::get<plan::Refusal>(result).hint, HasSubstr("--allow-unknown")) << target;
  }
}

TEST(MakePlan, RefusesWhereNothingIsKnownAboutTheDevice) {
  plan::InstalledState state;
  state.platform = &platform::electron();
  EXPECT_EQ(refused(state, "0.7.0", {"0.7.0"}).code, "unknown-state");
}

TEST(MakePlan, GoesThroughAWaypointWhereThePastIsUnknown) {
  const auto blank = [](std::uint16_t bootloader) { return mixed("-", "-", "-", bootloader); };
  EXPECT_EQ(brief(planned(blank(0), "0.6.4", kShelf)), "0.5.5: <1 2 1> | 0.6.4: <1 3 2 1>");
  EXPECT_EQ(brief(planned(blank(11), "0.6.2", kShelf)), "0.6.2: <1 3 2 1>");
  EXPECT_EQ(brief(planned(blank(11), "2.3.1", kShelf)), "0.6.4: <1 3 2 1> | 2.3.1: <1 3 2 1>");
  EXPECT_EQ(brief(planned(blank(0), "0.5.5", kShelf)), "0.5.5: <1 2 1>");
  EXPECT_THAT(codes(planned(blank(0), "0.6.4", kShelf)), Contains("past-unknown"));
}

TEST(MakePlan, TakesTheBootloaderAsProofWhereTheWaypointIsMissing) {
  const auto blank = [](std::uint16_t bootloader) { return mixed("-", "-", "-", bootloader); };
  const plan::Plan plan = planned(blank(101), "2.3.1", {"2.3.1"});
  EXPECT_EQ(brief(plan), "2.3.1: <1 3 2 1>");
  EXPECT_THAT(codes(plan), Contains("past-from-bootloader"));
  EXPECT_EQ(brief(planned(blank(8), "0.6.4", {"0.6.4"})), "0.6.4: <1 3 2 1>");
  EXPECT_THAT(refused(blank(11), "2.3.1", {"2.3.1"}).hint, HasSubstr("--from"));
  EXPECT_EQ(refused(blank(7), "0.6.4", {"0.6.4"}).code, "stage-missing");
  EXPECT_EQ(refused(blank(0), "0.6.4", {"0.6.4"}).code, "stage-missing");
}

plan::Outcome told(const plan::InstalledState& state, std::string_view target,
                   const plan::RanBefore& before, const std::vector<std::string_view>& releases) {
  const release::Library shelf = library(releases);
  plan::Request request;
  request.target = version(target);
  request.library = &shelf;
  request.ran_before = before;
  return plan::make_plan(state, request, plan::Medium::dfu, catalogue());
}

TEST(MakePlan, TakesTheUsersWordForThePastOfABlankDevice) {
  const plan::InstalledState blank = mixed("-", "-", "-", 0);
  const auto plan_from = [&](std::string_view release, std::uint16_t module_version) {
    return std::get<plan::Plan>(
        told(blank, "2.3.1", {version(release), module_version}, {"0.5.5", "0.6.4", "2.3.1"}));
  };
  EXPECT_EQ(brief(plan_from("1.5.0", 1500)), "2.3.1: <1 3 2 1>");
  EXPECT_EQ(brief(plan_from("0.6.2", 108)), "0.6.4: <1 3 2 1> | 2.3.1: <1 3 2 1>");
  EXPECT_THAT(codes(plan_from("1.5.0", 1500)),
              AllOf(Contains("past-as-told"), Not(Contains("past-from-bootloader"))));
}

TEST(MakePlan, RefusesWhatTheReleaseThatIsSaidToHaveRunForbids) {
  const plan::Outcome result =
      told(mixed("-", "-", "-", 0), "2.3.1", {version("0.4.7"), 8}, {"2.3.1"});
  const auto* refusal = std::get_if<plan::Refusal>(&result);
  ASSERT_NE(refusal, nullptr);
  EXPECT_EQ(refusal->code, "stage-missing");
  EXPECT_THAT(refusal->hint, Not(HasSubstr("--from")));
}

TEST(MakePlan, BelievesThePartsOnTheDeviceMoreThanTheUser) {
  const plan::Outcome result = told(at("0.6.4", 11), "2.3.1", {version("0.4.7"), 8}, {"2.3.1"});
  ASSERT_TRUE(std::holds_alternative<plan::Plan>(result));
  EXPECT_EQ(brief(std::get<plan::Plan>(result)), "2.3.1: <1 3 2 1>");
  EXPECT_THAT(codes(std::get<plan::Plan>(result)), Contains("past-told-otherwise"));
}

TEST(MakePlan, HasNothingToDoWhereTheTargetIsInstalled) {
  const plan::Plan plan = planned(at("0.6.4", 11), "0.6.4", kShelf);
  EXPECT_TRUE(plan.nothing_to_do());
  EXPECT_EQ(brief(plan), "0.6.4: (3) (1) (2)");
  EXPECT_FALSE(planned(at("0.6.2", 11), "0.6.4", kShelf).nothing_to_do());
}

TEST(MakePlan, WritesAPartAgainWhoseBytesDiffer) {
  plan::InstalledState state = at("0.6.4", 11);
  std::get<plan::Read>(state.modules[0].seen).crc32 ^= 1U;
  EXPECT_EQ(brief(planned(state, "0.6.4", kShelf)), "0.6.4: <1 (3) (2) 1>");
}

TEST(MakePlan, StartsTheDeviceAfterEveryStageButStaysInDfuModeIfAsked) {
  const release::Library shelf = library({"0.5.5", "0.6.4"});
  plan::Request request;
  request.target = version("0.6.4");
  request.library = &shelf;
  request.leave_in_dfu = true;
  const plan::Outcome result =
      plan::make_plan(at("0.4.9", 7), request, plan::Medium::dfu, catalogue());
  const auto& stages = std::get<plan::Plan>(result).stages;
  ASSERT_EQ(stages.size(), 2U);
  EXPECT_EQ(stages[0].then, plan::Then::boot);
  EXPECT_EQ(stages[1].then, plan::Then::stay);
}

TEST(MakePlan, GuardsAStageThatWritesAnySystemPart) {
  const plan::Plan plan = planned(at("0.6.2", 11), "0.7.0", kShelf);
  ASSERT_EQ(plan.stages.size(), 2U);
  for (const plan::Stage& stage : plan.stages) {
    ASSERT_TRUE(stage.guard.has_value());
    EXPECT_EQ(stage.guard->module, kSystemPart1);
  }
  const plan::Plan only2 = planned(mixed("0.7.0", "0.6.4", "0.7.0", 11), "0.7.0", kShelf);
  ASSERT_TRUE(only2.stages.front().guard.has_value());
  EXPECT_EQ(brief(only2), "0.7.0: <1 (3) 2 1>");
  const plan::Step& open = only2.stages.front().steps.front();
  EXPECT_EQ(open.content.checked->file_sha256(), parts_of("0.7.0")[0].file_sha256());
  EXPECT_THAT(open.reason, HasSubstr("written back"));
}

TEST(MakePlan, DoesNotGuardWhereTheBootloaderWouldRestoreTheFactoryApplication) {
  plan::InstalledState state = at("0.6.4", 11);
  state.factory_image = true;
  const plan::Plan plan = planned(state, "0.7.0", kShelf);
  EXPECT_FALSE(plan.stages.front().guard.has_value());
  EXPECT_THAT(plan.stages.front().no_guard_reason, HasSubstr("factory application"));
  EXPECT_THAT(codes(plan), Contains("no-guard"));
  state.factory_image = false;
  EXPECT_TRUE(planned(state, "0.7.0", kShelf).stages.front().guard.has_value());
}

TEST(MakePlan, WritesTheApplicationLast) {
  const release::Library shelf = library({"0.6.4", "0.5.5"});
  plan::Request request;
  request.library = &shelf;
  request.user_part = application(10);
  const auto plan_to = [&](std::string_view target) {
    request.target = version(target);
    return std::get<plan::Plan>(
        plan::make_plan(at("0.6.4", 11), request, plan::Medium::dfu, catalogue()));
  };
  EXPECT_EQ(brief(plan_to("0.5.5")), "0.5.5: <1 2 user 1>");
  EXPECT_EQ(brief(plan_to("0.6.4")), "0.6.4: (3) (1) (2) user");
  request.user_part = application(110);
  EXPECT_THAT(codes(plan_to("0.5.5")), Contains("application-dependency"));
  EXPECT_THAT(codes(plan_to("0.6.4")), Not(Contains("application-dependency")));
}

TEST(MakePlan, WarnsWhereTheInstalledApplicationWillNotRun) {
  const plan::InstalledState state = plan::after(at("0.7.0", 101), application(207));
  const plan::Plan plan = planned(state, "0.6.4", kShelf);
  ASSERT_THAT(codes(plan), Contains("application-dependency"));
  EXPECT_THAT(codes(planned(state, "2.3.1", kShelf)), Not(Contains("application-dependency")));
  plan::InstalledState without = at("0.6.4", 11);
  without.modules.push_back({});
  without.modules.back().id = kUserPart;
  EXPECT_THAT(codes(planned(without, "0.7.0", kShelf)), Contains("no-application"));
}

TEST(MakePlan, WarnsAboutTheBootloader) {
  const std::vector<std::string_view> shelf{"0.6.1", "0.6.2", "0.6.4", "2.0.0", "2.3.1", "0.5.5"};
  EXPECT_THAT(codes(planned(at("0.6.4", 11), "2.0.0", shelf)),
              ElementsAre("bootloader-dependency"));
  EXPECT_THAT(codes(planned(at("2.3.1", 1004), "2.0.0", shelf)), IsEmpty());
  EXPECT_THAT(codes(planned(at("0.6.4", 11), "2.3.1", shelf)), IsEmpty());
  EXPECT_THAT(codes(planned(at("0.6.2", 101), "0.6.1", shelf)), ElementsAre("bootloader-left-new"));
  EXPECT_THAT(codes(planned(at("2.3.1", 1004), "0.6.2", shelf)),
              ElementsAre("no-radio-on-lte", "bootloader-put-back"));
  EXPECT_THAT(codes(planned(at("2.3.1", 1004), "0.5.5", shelf)),
              ElementsAre("no-radio-on-lte", "bootloader-put-back", "index-3-left-behind"));
}

TEST(MakePlan, PassesOnWhatTheReleaseHasToSay) {
  std::vector<firmware::CheckedModule> parts;
  for (const auto& part : parts_of("0.7.0")) {
    parts.push_back(make({part.id(), 211, {}, {}, 2048, 99}, part.source()));
  }
  const release::Library shelf = release::assemble(parts, catalogue(), {.allow_unknown = true});
  ASSERT_EQ(shelf.releases.size(), 1U);
  const plan::Outcome result =
      outcome(at("0.6.4", 11), shelf.releases.front().version().text(), shelf);
  ASSERT_TRUE(std::holds_alternative<plan::Plan>(result));
  EXPECT_THAT(codes(std::get<plan::Plan>(result)), Contains("custom-build"));
}

plan::Plan plan_of(const plan::Outcome& outcome) {
  if (const auto* plan = std::get_if<plan::Plan>(&outcome)) return *plan;
  ADD_FAILURE() << "refused: " << std::get<plan::Refusal>(outcome).message;
  return {};
}

std::string code_of(const plan::Outcome& outcome) {
  const auto* refusal = std::get_if<plan::Refusal>(&outcome);
  return refusal == nullptr ? "planned" : refusal->code;
}

TEST(MakePlan, GoesDirectlyWhereTheBootloaderVouchesWhateverFilesLieBeside) {
  const plan::InstalledState blank = mixed("-", "-", "-", 1004);
  for (const std::vector<std::string_view>& shelf :
       {std::vector<std::string_view>{"2.3.1"}, {"0.6.4", "2.3.1"}, kShelf}) {
    const plan::Plan plan = planned(blank, "2.3.1", shelf);
    EXPECT_EQ(brief(plan), "2.3.1: <1 3 2 1>");
    EXPECT_THAT(codes(plan), Not(Contains("bootloader-put-back")));
    EXPECT_EQ(plan.bootloaders, (std::vector<std::optional<std::uint16_t>>{1004, 1004}));
  }
}

TEST(MakePlan, BelievesWhatABlankDeviceToldOfItself) {
  plan::InstalledState blank = mixed("-", "-", "-", 0);
  blank.told = version("2.1.0");
  EXPECT_EQ(brief(planned(blank, "2.3.1", kShelf)), "2.3.1: <1 3 2 1>");
  blank.told = version("0.4.9");
  EXPECT_EQ(planned(blank, "2.3.1", kShelf).stages.size(), 3U);
}

TEST(MakePlan, SendsEveryPartOverSerialWhoseBytesNobodyHasSeen) {
  plan::InstalledState told = at("0.6.4", 11);
  for (plan::InstalledModule& module : told.modules) {
    plan::Told seen;
    seen.version = module.version();
    seen.dependencies = module.dependencies();
    module.seen = seen;
  }
  const plan::Plan plan = plan_of(outcome(told, "0.6.4", library({"0.6.4"}), plan::Medium::serial));
  EXPECT_EQ(brief(plan), "0.6.4: 3 1 2");
  for (const plan::Step& step : plan.stages.front().steps) {
    EXPECT_EQ(step.action, plan::Action::send);
  }
  EXPECT_FALSE(plan.stages.front().guard.has_value());
  EXPECT_FALSE(plan.stages.front().no_guard_reason.empty());
}

TEST(MakePlan, SendsNothingToADeviceOnWhichNothingRuns) {
  EXPECT_EQ(code_of(outcome(mixed("-", "0.6.4", "0.6.4", 11), "0.6.4", library({"0.6.4"}),
                            plan::Medium::serial)),
            "nothing-runs");
}

TEST(MakePlan, GuardsBesideAFactoryApplicationThatTheBootloaderDoesNotTake) {
  plan::InstalledState state = at("0.6.4", 11);
  state.factory_image = true;
  state.factory_registered = false;
  EXPECT_TRUE(planned(state, "0.7.0", kShelf).stages.front().guard.has_value());
  state.factory_registered = true;
  EXPECT_FALSE(planned(state, "0.7.0", kShelf).stages.front().guard.has_value());
  state.factory_registered = false;
  state.bootloader_version = 1004;
  EXPECT_FALSE(planned(state, "0.7.0", kShelf).stages.front().guard.has_value());
}

// --- without a target ---

plan::Outcome beside(const plan::InstalledState& state,
                     std::optional<std::uint16_t> application_for,
                     std::optional<std::uint16_t> bootloader) {
  plan::Request request;
  if (application_for) request.user_part = application(*application_for);
  if (bootloader) request.bootloader = make({kBootloader, *bootloader, {}, {}, 2048, 3}, "bl.bin");
  return plan::make_plan(state, request, plan::Medium::dfu, catalogue());
}

TEST(MakePlan, WritesOnlyTheApplicationWithoutATarget) {
  const plan::Plan plan = plan_of(beside(at("0.6.4", 11), 110, {}));
  EXPECT_EQ(brief(plan), "-: user");
  EXPECT_FALSE(plan.target);
  EXPECT_FALSE(plan.stages.front().guard);
  EXPECT_EQ(plan.stages.front().no_guard_reason, "no system part is written");
}

TEST(MakePlan, NamesTheReleaseThatAnApplicationNeeds) {
  const plan::Outcome outcome = beside(at("0.6.4", 11), 207, {});
  ASSERT_EQ(code_of(outcome), "application-needs-newer");
  const auto& refusal = std::get<plan::Refusal>(outcome);
  EXPECT_THAT(refusal.needs, ElementsAre("0.7.0"));
  EXPECT_THAT(refusal.message, HasSubstr("0.7.0"));
  EXPECT_THAT(refusal.hint, HasSubstr("--target 0.7.0"));
  EXPECT_EQ(code_of(beside(mixed("0.6.4", "-", "0.6.4", 11), 10, {})), "system-does-not-start");
}

TEST(MakePlan, SendsABootloaderOverSerialLastOfAll) {
  const plan::Plan plan = plan_of(beside(at("2.0.0", 400), 2007, std::uint16_t{1003}));
  ASSERT_EQ(brief(plan), "-: user | -: bootloader");
  EXPECT_EQ(plan.stages.back().medium, plan::Medium::serial);
  EXPECT_EQ(plan.stages.back().steps.front().action, plan::Action::send);
}

TEST(MakePlan, RefusesABootloaderThatTheSystemWouldPutBack) {
  EXPECT_EQ(code_of(beside(at("0.6.4", 11), {}, std::uint16_t{400})), "bootloader-put-back");
  EXPECT_EQ(code_of(beside(at("2.3.1", 1004), {}, std::uint16_t{400})), "bootloader-put-back");
  EXPECT_EQ(code_of(beside(at("0.5.5", 7), {}, std::uint16_t{11})), "bootloader-not-accepted");
}

TEST(MakePlan, SendsNoBootloaderToADeviceThatIsToStayInDfuMode) {
  plan::Request request;
  request.bootloader = make({kBootloader, 400, {}, {}, 2048, 3}, "bl.bin");
  request.leave_in_dfu = true;
  EXPECT_EQ(code_of(plan::make_plan(at("1.5.2", 300), request, plan::Medium::dfu, catalogue())),
            "bootloader-needs-running");
}

TEST(MakePlan, FollowsTheApplicationOnTheDevice) {
  const release::Library files = library({"0.6.4", "0.7.0"});
  plan::Request request;
  request.library = &files;
  request.target_of_application = true;
  const auto planned_for = [&](const plan::InstalledState& state) {
    return plan::make_plan(state, request, plan::Medium::dfu, catalogue());
  };
  const plan::Outcome outcome = planned_for(plan::after(at("0.6.4", 11), application(207)));
  ASSERT_TRUE(std::holds_alternative<plan::Plan>(outcome)) << code_of(outcome);
  EXPECT_EQ(std::get<plan::Plan>(outcome).target->text(), "0.7.0");
  EXPECT_EQ(code_of(planned_for(at("0.6.4", 11))), "target-undecided");
  EXPECT_EQ(code_of(planned_for(plan::after(at("0.6.4", 11), application(9999)))),
            "target-undecided");
}

// --- words ---

TEST(MakePlan, TellsTheDirection) {
  const auto direction = [](const plan::InstalledState& state, std::string_view target) {
    return plan::name(planned(state, target, kShelf).direction);
  };
  EXPECT_EQ(direction(at("0.6.2", 11), "0.6.4"), "upgrade");
  EXPECT_EQ(direction(at("0.7.0", 101), "0.6.4"), "downgrade");
  EXPECT_EQ(direction(at("0.6.4", 11), "0.6.4"), "same");
  EXPECT_EQ(direction(mixed("-", "-", "-", 11), "0.6.4"), "unknown");
}

TEST(MakePlan, NamesAMissingPartByItsPublishedName) {
  std::vector<firmware::CheckedModule> modules = parts_of("2.3.1");
  std::erase_if(modules, [](const auto& module) { return module.id() == kSystemPart2; });
  const plan::Outcome result =
      outcome(at("0.6.4", 11), "2.3.1", release::assemble(modules, catalogue(), {}));
  const auto& refusal = std::get<plan::Refusal>(result);
  ASSERT_EQ(refusal.missing.size(), 1U);
  EXPECT_EQ(refusal.missing.front().file, "electron-system-part3@2.3.1.bin");
  EXPECT_EQ(refusal.missing.front().part, 3);
  EXPECT_EQ(refusal.missing.front().id.index, 2);
  EXPECT_THAT(refusal.message,
              HasSubstr("electron-system-part3@2.3.1.bin (system part 2) is missing"));
}

TEST(MakePlan, WarnsThatAnLteUnitHasNoRadioBelow080) {
  plan::InstalledState state = at("2.3.1", 1004);
  state.modem_firmware = "L0.0.00.00.05.06,A.02.00";
  EXPECT_THAT(codes(planned(state, "0.7.0", kShelf)), Contains("no-radio"));
  EXPECT_THAT(codes(planned(state, "2.3.1", kShelf)), Not(Contains("no-radio")));
  state.modem_firmware = "23.20,A01.00";
  EXPECT_THAT(codes(planned(state, "0.7.0", kShelf)), Not(Contains("no-radio")));
}

TEST(MakePlan, SaysWhatALteUnitNeedsWhereTheModemIsNotKnown) {
  EXPECT_THAT(codes(planned(at("2.3.1", 1004), "0.7.0", kShelf)), Contains("no-radio-on-lte"));
  EXPECT_THAT(codes(planned(mixed("-", "-", "-", 400), "0.6.4", kShelf)),
              Contains("no-radio-on-lte"));
  for (const plan::InstalledState& state : {at("0.6.4", 11), mixed("-", "-", "-", 11)}) {
    EXPECT_THAT(codes(planned(state, "0.6.4", kShelf)), Not(Contains("no-radio-on-lte")))
        << "no LTE unit ever was there";
  }
  EXPECT_THAT(codes(planned(at("2.3.1", 1004), "2.3.1", kShelf)), Not(Contains("no-radio-on-lte")));
}

TEST(MakePlan, WritesThePartsOverMonolithicFirmware) {
  plan::InstalledState state;
  state.platform = &platform::electron();
  plan::Read whole;
  whole.header.version = 207;
  state.modules.push_back({{platform::ModuleFunction::monolithic, 0}, whole});
  state.bootloader_version = 101;
  const plan::Plan plan = planned(state, "2.3.1", kShelf);
  EXPECT_EQ(brief(plan), "2.3.1: <1 3 2 1>");
  EXPECT_THAT(codes(plan), Contains("no-application"));
}

}  // namespace
}  // namespace plan_test
