// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/shelf.h"
#include "plan/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plan_test {
namespace {

using plan::Verdict;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

plan::Judgement judge(const plan::InstalledState& state) { return plan::judge(state, catalogue()); }

plan::InstalledState with_application(plan::InstalledState state, std::uint16_t index2) {
  return plan::after(std::move(state), application(index2));
}

// The released parts were put into flash in every mix and started.
TEST(Judge, StartsEveryMixOfParts1And3BesideAnOlderPart2) {
  struct Row {
    const char* old_release;
    const char* new_release;
  };
  for (const Row& row : {Row{"0.6.4", "1.5.2"}, Row{"0.5.3", "0.6.4"}}) {
    SCOPED_TRACE(row.new_release);
    const char* o = row.old_release;
    const char* n = row.new_release;
    const char* o3 = std::string_view(o) == "0.5.3" ? "-" : o;
    EXPECT_TRUE(plan::starts(mixed(o, o, o3, 11)));
    EXPECT_TRUE(plan::starts(mixed(o, o, n, 11)));
    EXPECT_TRUE(plan::starts(mixed(n, o, o3, 11)));
    EXPECT_TRUE(plan::starts(mixed(n, o, n, 11)));
    EXPECT_FALSE(plan::starts(mixed(o, n, o3, 11)));
    EXPECT_FALSE(plan::starts(mixed(o, n, n, 11)));
    EXPECT_FALSE(plan::starts(mixed(n, n, o3, 11)));
    EXPECT_TRUE(plan::starts(mixed(n, n, n, 11)));
  }
}

TEST(Judge, RunsWithAnApplicationWhoseDependencyHolds) {
  const plan::Judgement judgement = judge(with_application(at("0.6.4", 11), 110));
  EXPECT_EQ(judgement.verdict, Verdict::runs);
  EXPECT_THAT(judgement.reasons, IsEmpty());
}

TEST(Judge, NamesTheApplicationsUnmetDependency) {
  const plan::Judgement judgement = judge(with_application(at("0.6.4", 11), 207));
  EXPECT_EQ(judgement.verdict, Verdict::safe_mode);
  EXPECT_THAT(judgement.reasons,
              ElementsAre(HasSubstr(
                  "needs system part 2 of 0.7.0 (207) or newer, and 0.6.4 (110) is there")));
  ASSERT_TRUE(judgement.needs);
  EXPECT_EQ(judgement.needs->text(), "0.7.0");
  EXPECT_THAT(judgement.cure, HasSubstr("flash --target 0.7.0"));
}

TEST(Judge, IsInSafeModeWithoutAnApplication) {
  plan::InstalledState state = at("0.6.4", 11);
  state.modules.push_back({});
  state.modules.back().id = kUserPart;
  EXPECT_EQ(judge(state).verdict, Verdict::safe_mode);
  state.modules.back().seen = plan::Corrupt{};
  EXPECT_EQ(judge(state).verdict, Verdict::safe_mode);
  EXPECT_THAT(judge(state).reasons, ElementsAre(HasSubstr("there is no whole application")));
  EXPECT_THAT(judge(state).cure, HasSubstr("--user-app"));
}

TEST(Judge, SaysThatADeviceWithoutKeysIsTurnedAwayWhetherItRunsOrNot) {
  for (plan::InstalledState state : {at("0.6.4", 11), mixed("0.6.4", "0.7.0", "0.6.4", 11)}) {
    const Verdict without_a_look = judge(state).verdict;
    state.configuration = plan::Configuration::blank;
    EXPECT_EQ(judge(state).verdict, without_a_look);
    EXPECT_THAT(judge(state).reasons, Contains(HasSubstr("no keys")));
    state.configuration = plan::Configuration::programmed;
    EXPECT_THAT(judge(state).reasons, testing::Not(Contains(HasSubstr("no keys"))));
  }
}

TEST(Judge, SaysThatPart2IsNewerThanTheOthers) {
  const plan::Judgement judgement = judge(mixed("0.6.4", "0.7.0", "0.6.4", 11));
  EXPECT_EQ(judgement.verdict, Verdict::does_not_boot);
  EXPECT_THAT(judgement.reasons,
              Contains(HasSubstr("of 0.7.0 (207) is newer than system part 1 of 0.6.4")));
  EXPECT_THAT(judgement.reasons,
              Contains(HasSubstr("of 0.7.0 (207) is newer than system part 3 of 0.6.4")));
}

TEST(Judge, FindsTheEndlessResetOf063BesideANewPart3) {
  const plan::Judgement judgement = judge(mixed("0.6.3", "0.6.3", "0.7.0", 101));
  EXPECT_EQ(judgement.verdict, Verdict::restarts);
  EXPECT_THAT(judgement.reasons, Contains(HasSubstr("for ever")));
  EXPECT_EQ(judge(mixed("0.6.2", "0.6.2", "0.7.0", 101)).verdict, Verdict::runs);
}

TEST(Judge, ExpectsDfuModeWithoutPart1UnlessThereIsAFactoryApplication) {
  plan::InstalledState state = mixed("-", "0.6.4", "0.6.4", 11);
  EXPECT_THAT(judge(state).reasons, Contains(HasSubstr("DFU mode by itself")));
  state.factory_image = true;
  EXPECT_THAT(judge(state).reasons, Contains(HasSubstr("or restores the factory application")));
  EXPECT_EQ(judge(state).verdict, Verdict::does_not_boot);
  state.factory_registered = true;
  EXPECT_EQ(judge(state).verdict, Verdict::restarts);
  state.factory_registered = false;
  EXPECT_THAT(judge(state).reasons, Contains(HasSubstr("DFU mode by itself")));
  state.bootloader_version = 1004;
  EXPECT_EQ(judge(state).verdict, Verdict::restarts);
}

TEST(Judge, TellsACorruptPart1WithAWholeHeaderFromOneWithout) {
  plan::InstalledState state = mixed("!0.6.4", "0.6.4", "0.6.4", 11);
  EXPECT_EQ(judge(state).verdict, Verdict::does_not_boot);
  EXPECT_THAT(judge(state).reasons, Contains(HasSubstr("its header is whole")));
  std::get<plan::Corrupt>(state.modules.front().seen).header->start = 0;
  EXPECT_THAT(judge(state).reasons, Contains(HasSubstr("no valid header")));
}

TEST(Judge, NamesAMissingPart2AndAMissingPart3) {
  EXPECT_THAT(judge(mixed("0.6.4", "-", "0.6.4", 11)).reasons,
              ElementsAre(HasSubstr("system part 2 is missing")));
  EXPECT_THAT(judge(mixed("0.6.4", "0.6.4", "!0.6.4", 11)).reasons,
              ElementsAre(HasSubstr("system part 3 is corrupt")));
}

TEST(Judge, NamesABootloaderDependencyThatDoesNotHold) {
  const plan::Judgement judgement = judge(with_application(at("2.3.1", 400), 2302));
  EXPECT_EQ(judgement.verdict, Verdict::runs);
  EXPECT_THAT(judgement.reasons, ElementsAre(HasSubstr("wants bootloader 1003")));
}

TEST(Judge, SaysThatAnUpdateWasInterruptedAndWhatFinishesIt) {
  const plan::Judgement judgement =
      judge(with_application(mixed("0.7.0", "0.6.4", "0.7.0", 11), 110));
  EXPECT_EQ(judgement.verdict, Verdict::runs);
  ASSERT_TRUE(judgement.interrupted);
  EXPECT_EQ(judgement.interrupted->text(), "0.7.0");
  EXPECT_THAT(judgement.reasons,
              Contains(HasSubstr("`electron-rescue flash --target 0.7.0` finishes it")));
  // What 0.6.4 leaves behind under 0.5.5 is no update.
  EXPECT_FALSE(judge(with_application(mixed("0.5.5", "0.5.5", "0.6.4", 11), 10)).interrupted);
}

TEST(Judge, RestoresTheFactoryApplicationOrRestartsForEver) {
  plan::InstalledState state = at("2.3.1", 1004);
  state.modules.push_back({.id = kUserPart});
  EXPECT_EQ(judge(state).verdict, Verdict::safe_mode);
  state.factory_image = true;
  EXPECT_EQ(judge(state).verdict, Verdict::restores_factory);
  // Its bootloader is replaced by one that looks at what is registered only after 0.7.0's start.
  plan::InstalledState older = at("0.7.0", 101);
  older.modules.push_back({.id = kUserPart});
  older.factory_image = true;
  EXPECT_EQ(judge(older).verdict, Verdict::unknown);
  older.factory_registered = false;
  EXPECT_EQ(judge(older).verdict, Verdict::restarts);
  EXPECT_THAT(judge(older).cure, HasSubstr("--user-app"));
  older.factory_registered = true;
  EXPECT_EQ(judge(older).verdict, Verdict::restores_factory);
}

TEST(Judge, KnowsMonolithicFirmware) {
  plan::InstalledState state;
  state.platform = &platform::electron();
  plan::Read whole;
  whole.header.version = 110;
  state.modules.push_back({{platform::ModuleFunction::monolithic, 0}, whole});
  EXPECT_EQ(judge(state).verdict, Verdict::runs);
  EXPECT_THAT(judge(state).reasons, ElementsAre(HasSubstr("monolithic firmware, version 110")));
}

TEST(Judge, DoesNotJudgeWhatNobodyHasLookedAt) {
  plan::InstalledState state;
  state.platform = &platform::electron();
  EXPECT_EQ(judge(state).verdict, Verdict::unknown);
}

TEST(StateOf, TakesDependenciesFromTheReleasesAge) {
  const auto state_of = [](std::string_view release) {
    release::CatalogueRelease known = *catalogue().find(version(release));
    known.parts.clear();
    return plan::state_of(known, platform::electron());
  };
  const auto dependencies = [](const plan::InstalledState& state, ModuleId id) {
    const auto found = state.valid(id)->dependencies();
    return std::pair(found[0], found[1]);
  };
  const firmware::Dependency none{};
  const plan::InstalledState v055 = state_of("0.5.5");
  EXPECT_EQ(dependencies(v055, kSystemPart1), std::pair(none, none));
  EXPECT_EQ(dependencies(v055, kSystemPart2),
            std::pair(firmware::Dependency{kSystemPart1, 23}, none));
  EXPECT_EQ(v055.valid(kSystemPart3), nullptr);
  EXPECT_EQ(v055.bootloader_version, std::nullopt);
  const plan::InstalledState v064 = state_of("0.6.4");
  EXPECT_EQ(dependencies(v064, kSystemPart1),
            std::pair(firmware::Dependency{kSystemPart3, 110}, none));
  EXPECT_EQ(dependencies(v064, kSystemPart3), std::pair(none, none));
  EXPECT_EQ(v064.bootloader_version, 11);
  const plan::InstalledState v330 = state_of("3.3.0");
  EXPECT_EQ(dependencies(v330, kSystemPart2), std::pair(firmware::Dependency{kSystemPart1, 3301},
                                                        firmware::Dependency{kBootloader, 1003}));
  EXPECT_EQ(dependencies(v330, kSystemPart3),
            std::pair(firmware::Dependency{kSystemPart2, 110}, none));
}

// The rules by age against every release of which the files were at hand.
TEST(StateOf, AgreesWithEveryReleasedFile) {
  const release::Catalogue& released = release::Catalogue::embedded();
  int compared = 0;
  for (const release::CatalogueRelease& release : released.releases()) {
    for (const plan::InstalledModule& real :
         plan::state_of(release, platform::electron()).modules) {
      const plan::Read* read = real.read();
      if (read == nullptr) continue;
      ++compared;
      const plan::InstalledModule rule =
          plan::module_by_age(real.id, real.version(), release.bootloader_dependency);
      EXPECT_EQ(real.dependencies(), rule.dependencies()) << release.version.text();
      EXPECT_EQ(read->header_offset, plan::header_offset_of(real.id)) << release.version.text();
    }
  }
  EXPECT_GT(compared, 90);
}

}  // namespace
}  // namespace plan_test
