// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/rules.h"

#include "plan/shelf.h"

#include <gtest/gtest.h>

namespace plan_test {
namespace {

const firmware::CheckedModule& part(const std::vector<firmware::CheckedModule>& parts,
                                    ModuleId id) {
  for (const auto& module : parts) {
    if (module.id() == id) return module;
  }
  std::abort();
}

// "" if accepted, else the problem's code.
std::string answer(const plan::InstalledState& state, std::string_view release, ModuleId id) {
  const auto problem = plan::refusal_by_rules(state, part(parts_of(release), id));
  return problem ? problem->code : "";
}

std::string bootloader_answer(const plan::InstalledState& state) {
  const auto problem =
      plan::refusal_by_rules(state, make({kBootloader, 11, {}, {}, 1024, 1}, "bootloader.bin"));
  return problem ? problem->code : "";
}

TEST(RefusalByRules, RefusesPart3WherePart3IsNotKnown) {
  EXPECT_EQ(answer(at("0.4.8-rc.6", 6), "0.6.4", kSystemPart3), "unknown-module");
  EXPECT_EQ(answer(at("0.5.2", 7), "0.6.4", kSystemPart3), "unknown-module");
  EXPECT_EQ(answer(at("0.5.3-rc.1", 7), "0.6.4", kSystemPart3), "unknown-module");
  EXPECT_EQ(answer(at("0.5.3-rc.2", 7), "0.6.4", kSystemPart3), "");
  EXPECT_EQ(answer(at("0.5.3", 7), "0.6.4", kSystemPart3), "");
}

TEST(RefusalByRules, RefusesADependencyOnAModuleThatIsNotKnown) {
  EXPECT_EQ(answer(at("0.5.2", 7), "0.6.4", kSystemPart1), "unknown-dependency");
}

TEST(RefusalByRules, LetsABlankSectorSatisfyNoDependency) {
  EXPECT_EQ(answer(at("0.5.5", 7), "0.6.4", kSystemPart1), "dependency-unmet");
}

TEST(RefusalByRules, LetsACorruptPartSatisfyNoDependency) {
  EXPECT_EQ(answer(mixed("0.5.5", "0.5.5", "!0.6.4", 7), "0.6.4", kSystemPart1),
            "dependency-unmet");
}

TEST(RefusalByRules, RefusesToLowerWhatAnInstalledPartDependsOn) {
  EXPECT_EQ(answer(at("0.7.0", 101), "0.6.4", kSystemPart3), "needed-newer");
  EXPECT_EQ(answer(at("0.7.0", 101), "0.6.4", kSystemPart1), "needed-newer");
  EXPECT_EQ(answer(at("0.7.0", 101), "0.6.4", kSystemPart2), "");
  EXPECT_EQ(answer(at("0.7.0", 101), "0.6.3", kSystemPart2), "needed-newer");
  EXPECT_EQ(answer(at("0.5.2", 7), "0.5.1", kSystemPart1), "") << "too old to look";
}

TEST(RefusalByRules, CountsTheHeaderOfACorruptPartAsTheFirmwareDoes) {
  EXPECT_EQ(answer(mixed("0.5.5", "0.5.5", "!0.7.0", 7), "0.5.4", kSystemPart2), "needed-newer");
}

TEST(RefusalByRules, TakesOnlyPart3FirstFrom064To070) {
  EXPECT_EQ(answer(at("0.6.4", 11), "0.7.0", kSystemPart3), "");
  EXPECT_EQ(answer(at("0.6.4", 11), "0.7.0", kSystemPart1), "dependency-unmet");
  EXPECT_EQ(answer(at("0.6.4", 11), "0.7.0", kSystemPart2), "dependency-unmet");
}

TEST(RefusalByRules, TakesNoPartOf070On063) {
  for (const ModuleId id : {kSystemPart1, kSystemPart2, kSystemPart3}) {
    EXPECT_EQ(answer(at("0.6.3", 11), "0.7.0", id), "dependency-unmet");
  }
}

TEST(RefusalByRules, AcceptsNothingWhereNothingRuns) {
  EXPECT_EQ(answer(mixed("-", "0.6.4", "0.6.4", 11), "0.6.4", kSystemPart1), "nothing-runs");
  EXPECT_EQ(answer(mixed("0.6.4", "0.7.0", "0.6.4", 11), "0.6.4", kSystemPart2), "nothing-runs");
}

TEST(RefusalByRules, KnowsWhichFirmwareWritesABootloader) {
  EXPECT_EQ(bootloader_answer(at("0.4.9", 7)), "");
  EXPECT_EQ(bootloader_answer(at("0.5.0", 7)), "bootloader-not-accepted");
  EXPECT_EQ(bootloader_answer(at("0.5.5", 7)), "bootloader-not-accepted");
  EXPECT_EQ(bootloader_answer(at("0.6.0", 8)), "");
  EXPECT_EQ(bootloader_answer(at("2.3.1", 1004)), "");
}

TEST(RefusalByRules, NeverLooksAtABootloaderDependency) {
  EXPECT_EQ(answer(mixed("2.3.1", "0.6.4", "2.3.1", 11), "2.3.1", kSystemPart2), "");
}

TEST(RefusalByRules, AcceptsAnApplicationThatWantsMore) {
  EXPECT_EQ(plan::refusal_by_rules(at("0.6.4", 11), application(9999)), std::nullopt);
}

}  // namespace
}  // namespace plan_test
