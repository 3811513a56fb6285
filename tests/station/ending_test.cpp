// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/ending.h"

#include "report/exit_code.h"

#include <gtest/gtest.h>

namespace station {
namespace {

using events::Doing;

events::Event begin(Doing doing) { return events::StepStarted{doing, {}, {}, {}, 0, 0}; }

TEST(Ending, aDeviceMayLeaveTheBusWhileItStartsAndNotWhileItIsWritten) {
  JobMemory memory;
  remember(memory, begin(Doing::write));
  EXPECT_FALSE(may_restart(memory));
  remember(memory, events::StepFinished{true});
  remember(memory, begin(Doing::start));
  EXPECT_TRUE(may_restart(memory));
}

TEST(Ending, reachingOneThatWasLostIsNoReasonToLeave) {
  JobMemory memory;
  remember(memory, begin(Doing::reach));
  EXPECT_TRUE(may_restart(memory));
  remember(memory, events::StepFinished{true});
  remember(memory, begin(Doing::write));
  remember(memory, events::StepFinished{false});
  remember(memory, begin(Doing::reach));
  EXPECT_FALSE(may_restart(memory));
}

TEST(Ending, theShortCodeNamesWhatFailedNotWhatCameAfter) {
  events::DeviceReport report;
  report.error = base::make_error(base::Errc::verify_mismatch, "differs");
  JobMemory memory;
  remember(memory, begin(Doing::write));
  remember(memory, events::StepFinished{false});
  remember(memory, begin(Doing::start));
  EXPECT_EQ(job_end_of(report, memory).short_code, "W7");
  report.error = base::make_error(base::Errc::refused, "stage-missing", "no", "");
  EXPECT_EQ(job_end_of(report, memory).short_code, "P5");
}

TEST(Ending, oneThatWasSeenToRunAgainWasBack) {
  JobMemory memory;
  remember(memory, begin(Doing::write));
  remember(memory, begin(Doing::start));
  EXPECT_FALSE(memory.was_back);
  remember(memory, begin(Doing::confirm));
  EXPECT_TRUE(memory.was_back);
}

TEST(Ending, aDeviceThatWasLeftHalfWrittenIsOfNoRelease) {
  const auto after = [](std::uint16_t version, const std::vector<std::pair<int, plan::Seen>>& but) {
    plan::InstalledState state;
    for (std::uint8_t index = 1; index <= 3; ++index) {
      state.modules.push_back(plan::module_by_age({platform::ModuleFunction::system_part, index},
                                                  version, std::uint16_t{11}));
    }
    for (const auto& [index, seen] : but) {
      state.modules[static_cast<std::size_t>(index) - 1].seen = seen;
    }
    events::DeviceReport report;
    report.after = state;
    return ending_of(report, {}).after_release;
  };
  EXPECT_TRUE(after(1512, {}).starts_with("1.5.2"));
  for (const int index : {1, 2, 3}) {
    EXPECT_EQ(after(1512, {{index, plan::Corrupt{}}}), "incomplete") << index;
    EXPECT_EQ(after(1512, {{index, plan::Blank{}}}), "incomplete") << index;
  }
  EXPECT_EQ(after(1512, {{1, plan::Blank{}}, {2, plan::Blank{}}, {3, plan::Blank{}}}), "");
  // Up to 0.5.5 there is no part 3.
  EXPECT_TRUE(after(23, {{3, plan::Blank{}}}).starts_with("0.5"));
  EXPECT_EQ(after(23, {{2, plan::Blank{}}, {3, plan::Blank{}}}), "incomplete");
}

TEST(Ending, theRowSaysWhoTheDeviceIsAndHowThatIsKnown) {
  events::DeviceReport report;
  report.id = "3a0041000a47353235303037";
  report.identity.imei = "123";
  EXPECT_EQ(ending_of(report, {}).identity_by, records::IdentityBy::descriptor);
  report.identity.id = report.id;
  const records::Ending ending = ending_of(report, {});
  EXPECT_EQ(ending.identity_by, records::IdentityBy::listening);
  EXPECT_EQ(ending.device, report.id);
  EXPECT_EQ(ending.imei, "123");
  EXPECT_FALSE(ending.continuous);
}

}  // namespace
}  // namespace station
