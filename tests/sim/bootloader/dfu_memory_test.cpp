// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which bytes of flash a block reaches, and what lies at the edges.
#include "sim/virtual_device.h"

#include <algorithm>

namespace sim {
namespace {

using std::chrono::milliseconds;

constexpr const char* kAll[] = {"4",   "6",   "7",   "7-0.5", "8",   "11",
                                "101", "201", "400", "1003",  "1006"};

// --- addresses and blocks ---

TEST(DfuAddress, BeginsAtIndex1AndSurvivesAltAbortAndReset) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    device.start();
    device.board.flash().load(kIndex1, base::Bytes{1, 2, 3, 4});
    device.board.flash().load(kIndex2, base::Bytes{5, 6, 7, 8});
    EXPECT_EQ(device.upload(2, 4).data(), (base::Bytes{1, 2, 3, 4})) << profile;
    ASSERT_TRUE(device.abort().ok());
    ASSERT_TRUE(device.set_address(kIndex2).ok());
    ASSERT_TRUE(device.abort().ok());
    ASSERT_TRUE(device.select_alt(0).ok());
    device.board.plug(false);
    device.board.plug(true);
    device.pass(milliseconds(1000));
    EXPECT_EQ(device.upload(2, 4).data(), (base::Bytes{5, 6, 7, 8})) << profile;
  }
}

TEST(DfuAddress, CountsBlocksOf4096WhateverTheirLength) {
  VirtualDevice device("11");
  device.start();
  ASSERT_TRUE(device.set_address(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.command(2, pattern(64, 1)).ok());
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.command(3, pattern(64, 5)).ok());
  EXPECT_EQ(copy_of(device.flash(kIndex1 + 4096, 64)), pattern(64, 5));
  EXPECT_TRUE(base::is_blank(device.flash(kIndex1 + 64, 64)));
}

TEST(DfuAddress, BlockOneIsDroppedWithoutAWord) {
  VirtualDevice device("11");
  device.start();
  EXPECT_EQ(device.command(1, pattern(64, 1)).data()[4], 4);
  EXPECT_EQ(device.get_status().data()[4], 5);
  EXPECT_TRUE(base::is_blank(device.flash(kIndex1, 128)));
}

TEST(DfuAddress, ProtectionLooksAtTheStartOnly) {
  VirtualDevice device("11");
  device.start();
  ASSERT_TRUE(device.set_address(0x0801FF00).ok());
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.command(3, pattern(64, 1)).ok());
  EXPECT_EQ(copy_of(device.flash(0x08020F00, 64)), pattern(64, 1));
}

TEST(DfuAddress, EraseAnywhereInASectorErasesItAndSetsTheAddress) {
  VirtualDevice device("11");
  device.start();
  device.board.flash().load(kIndex2, base::Bytes(0x20000, 0));
  ASSERT_TRUE(device.erase(kIndex2 + 0x1FFFF).ok());
  EXPECT_TRUE(base::is_blank(device.flash(kIndex2, 0x20000)));
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.erase(kIndex2 + 16).ok());
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.command(2, pattern(4, 1)).ok());
  EXPECT_EQ(copy_of(device.flash(kIndex2 + 16, 4)), pattern(4, 1));
}

TEST(DfuAddress, SameBytesAgainSucceed) {
  VirtualDevice device("11");
  device.start();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(device.set_address(kIndex1).ok());
    ASSERT_TRUE(device.get_status().ok());
    EXPECT_TRUE(device.command(2, pattern(4096, 1)).ok());
    ASSERT_TRUE(device.get_status().ok());
  }
}

TEST(DfuAddress, LengthIsPaddedToAWord) {
  VirtualDevice device("11");
  device.start();
  ASSERT_TRUE(device.set_address(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.command(3, pattern(4096, 1)).ok());  // a longer block before it
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.command(2, base::Bytes{1, 2, 3, 4, 5}).ok());
  EXPECT_EQ(copy_of(device.flash(kIndex1, 9)),
            (base::Bytes{1, 2, 3, 4, 5, 0xFF, 0xFF, 0xFF, 0xFF}));
}

TEST(DfuAddress, WriteRunsOnIntoTheNextSector) {
  VirtualDevice device("11");
  device.start();
  ASSERT_TRUE(device.set_address(kIndex2 - 2048).ok());
  ASSERT_TRUE(device.get_status().ok());
  ASSERT_TRUE(device.command(2, pattern(4096, 1)).ok());
  EXPECT_EQ(copy_of(device.flash(kIndex2 - 2048, 4096)), pattern(4096, 1));
}

// --- the edges ---

void expect_dead_until_power_cycled(VirtualDevice& device) {
  device.timeout = milliseconds(100);
  EXPECT_EQ(device.board.running(), Board::Running::crashed);
  EXPECT_TRUE(device.board.attached()) << "the pull-up stays";
  EXPECT_TRUE(device.get_status().timed_out());
  device.pass(milliseconds(30'000));
  EXPECT_TRUE(device.get_status().timed_out());
  device.board.power(false);
  EXPECT_FALSE(device.board.attached());
  device.board.power(true);
  device.pass(milliseconds(2000));
  EXPECT_EQ(device.state(), 2);
}

TEST(DfuEdge, WriteOverTheEndOfFlashCrashes) {
  for (const char* profile : kAll) {
    SCOPED_TRACE(profile);
    VirtualDevice device(profile);
    device.start();
    ASSERT_TRUE(device.set_address(0x080FF800).ok());
    ASSERT_TRUE(device.get_status().ok());
    EXPECT_TRUE(device.command(2, pattern(4096, 1)).timed_out());
    expect_dead_until_power_cycled(device);
  }
}

TEST(DfuEdge, ReadOverTheEndOfFlashCrashes) {
  for (const char* profile : kAll) {
    SCOPED_TRACE(profile);
    VirtualDevice device(profile);
    device.start();
    ASSERT_TRUE(device.set_address(0x080FFFC0).ok());
    ASSERT_TRUE(device.abort().ok());
    EXPECT_EQ(device.upload(2, 64).data().size(), 64U);
    EXPECT_TRUE(device.upload(2, 128).timed_out());
    expect_dead_until_power_cycled(device);
  }
}

TEST(DfuEdge, DnloadThatOverrunsTheBufferCrashes) {
  for (const char* profile : {"11", "101", "1006"}) {
    SCOPED_TRACE(profile);
    VirtualDevice device(profile);
    device.start();
    EXPECT_TRUE(device.dnload(2, pattern(8192, 1)).timed_out());
    expect_dead_until_power_cycled(device);
  }
}

TEST(DfuEdge, OneByteTooManySticksIn11AndIsWrittenLater) {
  VirtualDevice old("11");
  old.start();
  ASSERT_TRUE(old.dnload(2, pattern(4097, 1)).ok());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(old.get_status().data()[4], 3);
  EXPECT_TRUE(base::is_blank(old.flash(kIndex1, 8192)));
  for (const char* profile : {"101", "201", "400", "1003", "1006"}) {
    VirtualDevice device(profile);
    device.start();
    ASSERT_TRUE(device.command(2, pattern(4097, 1)).ok()) << profile;
    EXPECT_EQ(copy_of(device.flash(kIndex1, 4097)), pattern(4097, 1)) << profile;
  }
}

// --- UPLOAD ---

TEST(DfuUpload, ReadsAnyLengthFromAnywhereInFlash) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    device.start();
    device.board.flash().load(0x08000000, pattern(0x8000, 3));
    const base::Bytes all = copy_of(device.board.flash().view());
    ASSERT_TRUE(device.set_address(0x08000001).ok());
    ASSERT_TRUE(device.abort().ok());
    constexpr std::uint16_t kLengths[] = {1, 63, 64, 4096, 5000, 12288};
    for (const std::uint16_t length : kLengths) {
      const Answer answer = device.upload(2, length);
      ASSERT_TRUE(answer.ok()) << profile << " " << length;
      EXPECT_TRUE(std::equal(answer.data().begin(), answer.data().end(), all.begin() + 1))
          << profile;
      EXPECT_EQ(answer.data().size(), length);
    }
  }
}

TEST(DfuUpload, BlockZeroListsTheCommandsAndChoosesAState) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    device.start();
    EXPECT_EQ(device.upload(0, 64).data(), (base::Bytes{0x00, 0x21, 0x41})) << profile;
    EXPECT_EQ(device.state(), 2) << profile;
    EXPECT_EQ(device.upload(0, 3).data(), (base::Bytes{0x00, 0x21, 0x41})) << profile;
    EXPECT_EQ(device.state(), 9) << profile;
    EXPECT_FALSE(device.upload(0, 2).ok()) << "overflow at the host";
  }
}

TEST(DfuUpload, BlockOneMakesStateFifteenUntilClearedTwice) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    device.start();
    EXPECT_TRUE(device.upload(1, 64).stalled()) << profile;
    EXPECT_EQ(device.state(), 15);
    ASSERT_TRUE(device.abort().ok());
    EXPECT_EQ(device.state(), 15);
    ASSERT_TRUE(device.clear_status().ok());
    EXPECT_EQ(device.state(), 10);
    ASSERT_TRUE(device.clear_status().ok());
    EXPECT_EQ(device.state(), 2);
  }
}

TEST(DfuUpload, OutsideFlashGivesTheOldBufferUpTo11AndZerosLater) {
  for (const std::uint32_t address : {0x09000000U, 0x08100000U, 0x1FFF7A10U, 0x20000000U}) {
    for (const char* profile : {"4", "6", "7", "11"}) {
      VirtualDevice device(profile);
      device.start();
      ASSERT_TRUE(device.command(2, pattern(64, 9)).ok());
      ASSERT_TRUE(device.get_status().ok());
      ASSERT_TRUE(device.set_address(address).ok());
      ASSERT_TRUE(device.abort().ok());
      base::Bytes expected = pattern(64, 9);
      const base::Bytes command = VirtualDevice::address_command(0x21, address);
      std::copy(command.begin(), command.end(), expected.begin());
      EXPECT_EQ(device.upload(2, 64).data(), expected) << profile << base::hex32(address);
    }
    for (const char* profile : {"101", "201", "400", "1003", "1006"}) {
      VirtualDevice device(profile);
      device.start();
      ASSERT_TRUE(device.command(2, pattern(64, 9)).ok());
      ASSERT_TRUE(device.get_status().ok());
      ASSERT_TRUE(device.set_address(address).ok());
      ASSERT_TRUE(device.abort().ok());
      EXPECT_EQ(device.upload(2, 64).data(), base::Bytes(64, 0)) << profile << base::hex32(address);
    }
  }
}

TEST(DfuUpload, FlippedBitIsReadOnceOrAlways) {
  VirtualDevice device("11");
  device.start();
  device.wire.set_faults(0, *parse_faults("read bit-flip 0x08020010.3"));
  EXPECT_EQ(device.upload(2, 64).data()[16], 0xF7);
  EXPECT_EQ(device.upload(2, 64).data()[16], 0xFF);
  device.wire.set_faults(0, *parse_faults("read bit-flip 0x08020010.0 always"));
  EXPECT_EQ(device.upload(2, 64).data()[16], 0xFE);
  EXPECT_EQ(device.upload(2, 64).data()[16], 0xFE);
}

}  // namespace
}  // namespace sim
