// SPDX-License-Identifier: GPL-3.0-or-later
//
// When the bootloader does its work, what it says meanwhile, and how a failure shows.
#include "sim/virtual_device.h"

namespace sim {
namespace {

using std::chrono::milliseconds;

constexpr const char* kSilent[] = {"4", "5", "6"};
constexpr const char* kReporting[] = {"7", "7-0.5", "8", "11", "101", "201", "400", "1003", "1006"};
constexpr const char* kVerifying[] = {"7-0.5", "8", "11", "101", "201", "400", "1003", "1006"};
constexpr const char* kAll[] = {"4",   "6",   "7",   "7-0.5", "8",   "11",
                                "101", "201", "400", "1003",  "1006"};

std::uint32_t poll_of(const Answer& answer) { return base::load_le32(answer.data(), 1) & 0xFFFFFF; }

// --- when the work is done ---

TEST(DfuWork, DnloadAloneDoesNothing) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    device.start();
    ASSERT_TRUE(device.set_address(kIndex1).ok());
    ASSERT_TRUE(device.get_status().ok());
    ASSERT_TRUE(device.dnload(2, pattern(4096, 1)).ok());
    device.pass(milliseconds(60'000));
    EXPECT_TRUE(base::is_blank(device.flash(kIndex1, 4096))) << profile;
    ASSERT_TRUE(device.get_status().ok());
    EXPECT_EQ(copy_of(device.flash(kIndex1, 4096)), pattern(4096, 1)) << profile;
  }
}

TEST(DfuWork, SecondDnloadIsRefusedAndTheFirstStaysPending) {
  VirtualDevice device("11");
  device.start();
  ASSERT_TRUE(device.set_address(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.dnload(2, pattern(64, 1)).ok());
  EXPECT_TRUE(device.dnload(2, pattern(64, 9)).stalled());
  ASSERT_TRUE(device.get_status().ok());
  EXPECT_EQ(copy_of(device.flash(kIndex1, 64)), pattern(64, 1));
}

TEST(DfuWork, StatusRequestLastsAsLongAsEraseAndProgram) {
  for (const char* profile : {"11", "1006"}) {
    VirtualDevice device(profile);
    device.start();
    const auto before_erase = device.wire.now();
    ASSERT_TRUE(device.erase(kIndex1).ok());
    EXPECT_GE(device.wire.now() - before_erase, milliseconds(1000)) << profile;
    EXPECT_EQ(device.get_status().data()[4], 5) << "no waiting is left";
    ASSERT_TRUE(device.dnload(2, pattern(4096, 1)).ok());
    const auto before_write = device.wire.now();
    ASSERT_TRUE(device.get_status().ok());
    EXPECT_NEAR(static_cast<double>((device.wire.now() - before_write).count()), 19'000, 700);
  }
}

TEST(DfuWork, GoesOnWhenTheHostGivesUpAndIsNotRepeated) {
  VirtualDevice device("1006");
  device.start();
  ASSERT_TRUE(device.dnload(0, VirtualDevice::address_command(0x41, kIndex1)).ok());
  device.timeout = milliseconds(300);
  EXPECT_TRUE(device.get_status().timed_out());
  EXPECT_TRUE(device.get_status().timed_out());
  EXPECT_TRUE(device.get_status().timed_out());
  const Answer later = device.get_status();
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(later.data()[4], 5);
  EXPECT_EQ(device.board.flash().erase_count(device.board.flash().sector_of(kIndex1)), 1U);
}

TEST(DfuWork, StatusSendsSixBytesToAHostThatWantsOne) {
  VirtualDevice device("11");
  device.start();
  const Answer answer = device.in(0xA1, 3, 0, 0, 1);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.result.error().code, base::Errc::usb_io);
}

// --- poll timeouts ---

TEST(DfuPoll, IsFiftyInTheBusyReplyAloneUpTo8) {
  for (const char* profile : {"4", "6", "7", "7-0.5", "8"}) {
    VirtualDevice device(profile);
    device.start();
    EXPECT_EQ(poll_of(device.get_status()), 0U) << profile;
    for (const auto& command :
         {device.address_command(0x21, kIndex1), device.address_command(0x41, kIndex1)}) {
      EXPECT_EQ(poll_of(device.command(0, command)), 50U) << profile;
      EXPECT_EQ(poll_of(device.get_status()), 0U) << profile;
    }
    EXPECT_EQ(poll_of(device.command(2, pattern(64, 1))), 50U) << profile;
    EXPECT_EQ(poll_of(device.get_status()), 0U) << profile;
  }
}

TEST(DfuPoll, StaysFiftyIn9And11) {
  for (const char* profile : {"9", "11"}) {
    VirtualDevice device(profile);
    device.start();
    EXPECT_EQ(poll_of(device.get_status()), 0U) << profile;
    EXPECT_EQ(poll_of(device.set_address(kIndex1)), 50U) << profile;
    EXPECT_EQ(poll_of(device.get_status()), 50U) << profile;
    ASSERT_TRUE(device.abort().ok());
    EXPECT_EQ(poll_of(device.get_status()), 50U) << profile << " in dfuIDLE";
    ASSERT_TRUE(device.upload(2, 16).ok());
    EXPECT_EQ(poll_of(device.get_status()), 50U) << profile << " in dfuUPLOAD-IDLE";
  }
}

TEST(DfuPoll, IsZeroFrom100On) {
  for (const char* profile : {"100", "101", "201", "400", "1003", "1006"}) {
    VirtualDevice device(profile);
    device.start();
    EXPECT_EQ(poll_of(device.erase(kIndex1)), 0U) << profile;
    EXPECT_EQ(poll_of(device.get_status()), 0U) << profile;
    EXPECT_EQ(poll_of(device.command(2, pattern(64, 1))), 0U) << profile;
  }
}

TEST(DfuPoll, OfTheConfigurationIsLongForEraseOnly) {
  for (const char* profile : {"11", "101", "1006"}) {
    VirtualDevice device(profile);
    device.start();
    ASSERT_TRUE(device.select_alt(1).ok());
    ASSERT_TRUE(device.set_address(0).ok());  // its own timeout is looked up with the old address
    ASSERT_TRUE(device.get_status().ok());
    EXPECT_EQ(poll_of(device.set_address(16)), 1U) << profile;
    ASSERT_TRUE(device.get_status().ok());
    EXPECT_EQ(poll_of(device.erase(0)), 500U) << profile;
    EXPECT_EQ(poll_of(device.get_status()), 500U) << profile << ": stays";
  }
}

// --- failures ---

// The status request that does the work ends in STALL once, and nothing is left of the failure.
void expect_failure_seen_once(VirtualDevice& device, const Answer& answer) {
  EXPECT_TRUE(answer.stalled());
  const Answer next = device.get_status();
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next.data()[0], 0);
  EXPECT_EQ(next.data()[4], 5);
}

TEST(DfuFailure, ShowsOnceAsAStalledStatusStageFrom7On) {
  for (const char* profile : kReporting) {
    SCOPED_TRACE(profile);
    VirtualDevice device(profile);
    device.start();
    const base::Bytes before = copy_of(device.board.flash().view());
    for (const std::uint32_t address :
         {0x08000000U, 0x08004000U, 0x0801FFFFU, 0x09000000U, 0x08100000U, 0x07FFFFFFU, 0U}) {
      SCOPED_TRACE(base::hex32(address));
      expect_failure_seen_once(device, device.erase(address));
    }
    for (const std::uint32_t address : {0x08000000U, 0x08010000U, 0x0801F000U, 0x09000000U}) {
      SCOPED_TRACE(base::hex32(address));
      ASSERT_TRUE(device.set_address(address).ok());
      ASSERT_TRUE(device.get_status().ok());
      expect_failure_seen_once(device, device.command(2, pattern(64, 1)));
    }
    EXPECT_EQ(copy_of(device.board.flash().view()), before);
    EXPECT_TRUE(device.erase(kIndex1).ok()) << "the next command works";
  }
}

TEST(DfuFailure, IsNeverVisibleUpTo6) {
  for (const char* profile : kSilent) {
    SCOPED_TRACE(profile);
    VirtualDevice device(profile);
    device.start();
    const base::Bytes before = copy_of(device.board.flash().view());
    EXPECT_TRUE(device.erase(0x08000000).ok());
    EXPECT_EQ(device.get_status().data()[4], 5);
    EXPECT_TRUE(device.command(2, pattern(64, 1)).ok());
    EXPECT_EQ(device.get_status().data()[0], 0);
    EXPECT_TRUE(device.erase(0x09000000).ok());
    EXPECT_TRUE(device.get_status().ok());
    EXPECT_EQ(copy_of(device.board.flash().view()), before);
  }
}

TEST(DfuFailure, UnknownCommandsAreRefusedByAll) {
  for (const char* profile : kAll) {
    SCOPED_TRACE(profile);
    VirtualDevice device(profile);
    device.start();
    device.board.flash().load(kIndex1, pattern(64, 1));
    const base::Bytes commands[] = {{0x41},          {0x92},          {0x55, 1, 2, 3, 4},
                                    {0x21, 0, 0, 2}, {0x41, 0, 0, 2}, {0x21, 0, 0, 2, 8, 0}};
    for (const base::Bytes& command : commands) {
      expect_failure_seen_once(device, device.command(0, command));
    }
    EXPECT_EQ(copy_of(device.flash(kIndex1, 64)), pattern(64, 1)) << "no mass erase";
    EXPECT_TRUE(device.command(0, base::Bytes{0x00}).ok()) << "the list of commands is one";
  }
}

TEST(DfuFailure, BitThatCannotBeSetIsFoundByThoseThatVerify) {
  const auto try_it = [](const char* profile) {
    VirtualDevice device(profile);
    device.start();
    device.board.flash().load(kIndex1, base::Bytes(4096, 0xF0));
    EXPECT_TRUE(device.set_address(kIndex1).ok());
    EXPECT_TRUE(device.get_status().ok());
    const Answer answer = device.command(2, base::Bytes(4096, 0x3C));
    EXPECT_EQ(copy_of(device.flash(kIndex1, 4096)), base::Bytes(4096, 0x30)) << profile;
    return answer.stalled();
  };
  for (const char* profile : kVerifying) EXPECT_TRUE(try_it(profile)) << profile;
  for (const char* profile : {"4", "6", "7"}) EXPECT_FALSE(try_it(profile)) << profile;
}

TEST(DfuFailure, StuckWordLeavesTheRestOfTheBlockWritten) {
  for (const char* profile : kVerifying) {
    VirtualDevice device(profile);
    device.start();
    device.board.flash().set_stuck(kIndex1 + 64);
    ASSERT_TRUE(device.set_address(kIndex1).ok());
    ASSERT_TRUE(device.get_status().ok());
    expect_failure_seen_once(device, device.command(2, base::Bytes(4096, 0x12)));
    EXPECT_EQ(device.flash(kIndex1 + 64, 1)[0], 0xFF) << profile;
    EXPECT_EQ(device.flash(kIndex1 + 4095, 1)[0], 0x12) << profile;
  }
}

TEST(DfuFailure, UnalignedWriteChangesNothing) {
  VirtualDevice device("11");
  device.start();
  ASSERT_TRUE(device.set_address(kIndex1 + 2).ok());
  ASSERT_TRUE(device.get_status().ok());
  expect_failure_seen_once(device, device.command(2, pattern(64, 1)));
  EXPECT_TRUE(base::is_blank(device.flash(kIndex1, 128)));
}

TEST(DfuFailure, ProtectedSectorRefusesAWriteUntilItWasErased) {
  VirtualDevice device("11");
  device.start();
  device.board.flash().protect_at_once(device.board.flash().sector_of(kIndex1), true);
  ASSERT_TRUE(device.set_address(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  expect_failure_seen_once(device, device.command(2, pattern(64, 1)));
  EXPECT_TRUE(base::is_blank(device.flash(kIndex1, 128)));
  ASSERT_TRUE(device.erase(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  EXPECT_TRUE(device.command(2, pattern(64, 1)).ok());
  EXPECT_EQ(copy_of(device.flash(kIndex1, 64)), pattern(64, 1));
}

TEST(DfuFailure, LeaveWorksAfterAFailedOperation) {
  VirtualDevice device("1006");
  device.start();
  EXPECT_TRUE(device.erase(0x08000000).stalled());
  ASSERT_TRUE(device.get_status().ok());
  EXPECT_TRUE(device.dnload(0, {}).ok());
}

}  // namespace
}  // namespace sim
