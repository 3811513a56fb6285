// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/faults.h"

#include "sim/virtual_device.h"

#include <set>

namespace sim {
namespace {

TEST(FaultText, ComesBackAsItWasWritten) {
  for (const std::string line :
       {"at transfer 17: stall", "at dnload 3: unplug 2s", "at getstatus 4: lost-answer",
        "at upload 2: short 100", "at line-coding 1: timeout", "at bulk-out 9: lost-data",
        "at control 1: delay 300ms", "at 1500ms: power-cut", "at 2s: unplug 250us",
        "at 300us: reset", "during erase 0x08040000 at 0.4: power-cut 2s",
        "during program 0x08060020 at 0.125: unplug 1s", "random 42 every 200: stall",
        "random 7 every 50: stall, timeout, unplug 1s", "stuck word 0x08060020",
        "bad sector 0x08060000", "lost write at 0x08040000", "read bit-flip 0x08040010.7",
        "read bit-flip 0x08040010.0 always"}) {
    const auto faults = parse_faults(line);
    ASSERT_TRUE(faults.has_value()) << line;
    ASSERT_EQ(faults->size(), 1U);
    EXPECT_EQ(to_string(faults->front()), line);
    EXPECT_EQ(*parse_faults(to_string(*faults)), *faults);
  }
}

TEST(FaultText, TakesSeveralLinesCommentsAndSpaces) {
  const auto faults = parse_faults(
      "# a script\n  at dnload 3 :  stall ; at 1.5s: unplug 2s # and more\n\nread bit-flip "
      "0x08040010\n");
  ASSERT_TRUE(faults.has_value()) << faults.error().message;
  EXPECT_EQ(to_string(*faults),
            "at dnload 3: stall\nat 1500ms: unplug 2s\nread bit-flip 0x08040010.0\n");
}

TEST(FaultText, SaysWhichLineItDoesNotUnderstand) {
  for (const char* line : {"at",
                           "at dnload",
                           "at dnload 0: stall",
                           "at dnload x: stall",
                           "at dnload 3: explode",
                           "at dnload 3",
                           "at dnload 3: unplug",
                           "at dnload 3: stall 2s",
                           "at 2s: stall",
                           "at 2 s: unplug 1s",
                           "during erase 0x08040000 at 1.5: power-cut",
                           "during erase 0x08040000 at nan: power-cut",
                           "during erase 134217728 at 0.5: power-cut",
                           "during lunch 0x08040000 at 0.5: power-cut",
                           "during erase 0x08040000 at 0.5: stall",
                           "random 7 every 0: stall",
                           "at dnload 3: stall, timeout",
                           "stuck 0x08060020",
                           "read bit-flip 0x08040010.8",
                           "lost write 0x08040000"}) {
    const auto faults = parse_faults(std::string("at dnload 1: stall\n") + line);
    ASSERT_FALSE(faults.has_value()) << line;
    EXPECT_EQ(faults.error().code, base::Errc::usage);
    EXPECT_NE(faults.error().message.find(line), std::string::npos) << faults.error().message;
  }
}

class FaultyDevice : public ::testing::Test {
 protected:
  FaultyDevice() : device("1006") { device.start(); }
  void script(const char* text) { device.wire.set_faults(0, *parse_faults(text)); }
  VirtualDevice device;
};

TEST_F(FaultyDevice, StallsTheNthTransferOfAKindOnce) {
  script("at getstatus 2: stall");
  EXPECT_TRUE(device.get_status().ok());
  EXPECT_EQ(device.state(), 2);
  EXPECT_TRUE(device.get_status().stalled());
  EXPECT_TRUE(device.get_status().ok());
}

TEST_F(FaultyDevice, CountsEveryTransferForTransfer) {
  script("at transfer 3: stall");
  EXPECT_TRUE(device.get_status().ok());
  EXPECT_EQ(device.state(), 2);
  EXPECT_TRUE(device.abort().stalled());
}

TEST_F(FaultyDevice, TimeoutKeepsTheRequestFromTheDevice) {
  script("at clrstatus 1: timeout");
  const auto before = device.wire.now();
  EXPECT_TRUE(device.clear_status().timed_out());
  EXPECT_EQ(device.wire.now() - before, device.timeout);
  EXPECT_EQ(device.state(), 2);
}

TEST_F(FaultyDevice, LostAnswerLeavesTheDeviceInItsNewState) {
  script("at clrstatus 1: lost-answer");
  EXPECT_TRUE(device.clear_status().timed_out());
  EXPECT_EQ(device.state(), 10);
}

TEST_F(FaultyDevice, LostDataAreAcknowledgedAndNeverArrive) {
  script("at dnload 1: lost-data");
  EXPECT_TRUE(device.dnload(2, pattern(64, 1)).ok());
  EXPECT_EQ(device.state(), 2);
}

TEST_F(FaultyDevice, ShortAnswerEndsEarly) {
  script("at upload 1: short 10");
  EXPECT_EQ(device.upload(2, 64).data().size(), 10U);
  EXPECT_EQ(device.upload(2, 64).data().size(), 64U);
}

TEST_F(FaultyDevice, DelayMakesTheTransferLate) {
  script("at getstatus 1: delay 300ms; at getstatus 2: delay 30s");
  const auto before = device.wire.now();
  EXPECT_TRUE(device.get_status().ok());
  EXPECT_GE(device.wire.now() - before, base::Millis(300));
  EXPECT_TRUE(device.get_status().timed_out());
}

TEST_F(FaultyDevice, UnplugTakesTheDeviceAwayForAWhile) {
  script("at dnload 1: unplug 2s");
  EXPECT_TRUE(device.dnload(2, pattern(64, 1)).gone());
  EXPECT_FALSE(device.board.attached());
  device.pass(base::Millis(1990));
  EXPECT_FALSE(device.board.attached());
  device.pass(base::Millis(500));
  EXPECT_EQ(device.state(), 2);
  EXPECT_EQ(device.board.reset_count(), 1U);
}

TEST_F(FaultyDevice, PowerCutEndsThePowerForGoodOrForAWhile) {
  script("at dnload 1: power-cut; at 10s: power-cut 1s");
  EXPECT_TRUE(device.dnload(2, pattern(64, 1)).gone());
  device.pass(base::Millis(5000));
  EXPECT_FALSE(device.board.powered());
  device.board.power(true);
  device.pass(base::Millis(4990));
  EXPECT_TRUE(device.board.powered());
  device.pass(base::Millis(100));
  EXPECT_FALSE(device.board.powered());
  device.pass(base::Millis(1000));
  EXPECT_TRUE(device.board.powered());
}

TEST_F(FaultyDevice, LostWriteIsFoundByReadingBackOnly) {
  script("lost write at 0x08020000");
  ASSERT_TRUE(device.set_address(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  EXPECT_TRUE(device.command(2, pattern(4096, 1)).ok());
  EXPECT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.abort().ok());
  EXPECT_EQ(device.upload(2, 4096).data(), base::Bytes(4096, 0xFF));
}

TEST_F(FaultyDevice, BadSectorRefusesItsErase) {
  script("bad sector 0x08040000");
  EXPECT_TRUE(device.erase(kIndex2).stalled());
  ASSERT_TRUE(device.get_status().ok());
  EXPECT_TRUE(device.erase(kIndex1).ok());
}

TEST_F(FaultyDevice, RandomFaultsAreTheSameForTheSameSeed) {
  const auto stalls = [&](const char* text) {
    script(text);
    std::set<int> found;
    for (int i = 0; i < 400; ++i) {
      if (device.get_status().stalled()) found.insert(i);
    }
    return found;
  };
  const auto first = stalls("random 1 every 20: stall");
  EXPECT_EQ(stalls("random 1 every 20: stall"), first);
  EXPECT_NE(stalls("random 2 every 20: stall"), first);
  EXPECT_NEAR(static_cast<double>(first.size()), 20, 12);
}

}  // namespace
}  // namespace sim
