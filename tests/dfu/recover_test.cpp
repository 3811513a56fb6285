// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/recover.h"

#include "dfu/scripted_transport.h"

#include <gtest/gtest.h>

namespace dfu {
namespace {

using base::Errc;
using dfu_test::Exchange;
using dfu_test::ScriptedTransport;
using dfu_test::StepClock;

struct BringToIdle : testing::Test {
  base::Result<> run(std::vector<Exchange> script) {
    ScriptedTransport transport(clock, std::move(script));
    Requests requests(transport, 0);
    return bring_to_idle(requests, clock);
  }
  StepClock clock;
};

TEST_F(BringToIdle, LeavesAnIdleDeviceAlone) { EXPECT_TRUE(run({{"GETSTATE", {2}}})); }

TEST_F(BringToIdle, AbortsWhatAnEarlierToolHasLeftWithoutRunningIt) {
  // dfuDNLOAD-SYNC, dfuDNLOAD-IDLE, dfuMANIFEST-SYNC, dfuUPLOAD-IDLE: GETSTATUS would run a pending
  // download, or the leave.
  for (const std::uint8_t state : base::Bytes{3, 5, 6, 9}) {
    EXPECT_TRUE(run({{"GETSTATE", {state}}, {"ABORT"}, {"GETSTATE", {2}}})) << int{state};
  }
}

TEST_F(BringToIdle, ClearsTheStatusOnlyInDfuError) {
  EXPECT_TRUE(run({{"GETSTATE", {10}}, {"CLRSTATUS"}, {"GETSTATE", {2}}}));
}

TEST_F(BringToIdle, ClearsTheStatusTwiceInState15) {
  EXPECT_TRUE(run(
      {{"GETSTATE", {15}}, {"CLRSTATUS"}, {"GETSTATE", {10}}, {"CLRSTATUS"}, {"GETSTATE", {2}}}));
}

TEST_F(BringToIdle, WaitsForAnEraseThatStillGoesOn) {
  EXPECT_TRUE(run({{"GETSTATE", {}, Errc::timeout},
                   {"GETSTATE", {4}},
                   {"GETSTATE", {}, Errc::usb_stall},
                   {"GETSTATE", {3}},
                   {"ABORT"},
                   {"GETSTATE", {2}}}));
}

TEST_F(BringToIdle, SaysThatADeviceOnItsWayOutCannotBeHeld) {
  for (const std::uint8_t state : base::Bytes{7, 8}) {
    const auto result = run({{"GETSTATE", {state}}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::device_gone);
    EXPECT_EQ(result.error().id, "leaving-dfu");
  }
}

TEST_F(BringToIdle, GivesUpOnADeviceThatNeverAnswers) {
  const auto result = run({{"GETSTATE", {}, Errc::timeout}, {"GETSTATE", {}, Errc::timeout}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timeout);
}

TEST_F(BringToIdle, GivesUpOnADeviceThatIgnoresEverything) {
  std::vector<Exchange> script;
  for (int i = 0; i < 8; ++i) {
    script.push_back({"GETSTATE", {5}});
    script.push_back({"ABORT"});
  }
  const auto result = run(script);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::protocol);
}

TEST_F(BringToIdle, RefusesARunningApplication) {
  const auto result = run({{"GETSTATE", {0}}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::protocol);
}

TEST_F(BringToIdle, StopsAtOnceWhenTheDeviceIsGone) {
  const auto result = run({{"GETSTATE", {}, Errc::device_gone}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::device_gone);
}

}  // namespace
}  // namespace dfu
