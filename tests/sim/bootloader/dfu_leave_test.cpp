// SPDX-License-Identifier: GPL-3.0-or-later
//
// The configuration (alternate setting 1), and the way out of DFU.
#include "sim/board/dct.h"
#include "sim/virtual_device.h"

#include <algorithm>

namespace sim {
namespace {

using std::chrono::milliseconds;

constexpr const char* kAll[] = {"4",   "6",   "7",   "7-0.5", "8",   "11",
                                "101", "201", "400", "1003",  "1006"};

// --- the configuration (alternate setting 1) ---

TEST(DfuConfiguration, EraseDoesNothingAndWriteReplacesBytesOnly) {
  for (const char* profile : {"11", "101", "1006"}) {
    SCOPED_TRACE(profile);
    VirtualDevice device(profile);
    const DctFormat format = find_bootloader_profile(profile)->dct;
    Dct::load(device.board.flash(), pattern(8192, 5), format);
    device.start();
    const base::Bytes before = Dct(device.board.flash(), format).read(32, 8000);
    ASSERT_TRUE(device.select_alt(1).ok());
    EXPECT_TRUE(device.erase(0).ok());
    ASSERT_TRUE(device.get_status().ok());
    EXPECT_EQ(Dct(device.board.flash(), format).read(32, 8000), before);
    ASSERT_TRUE(device.set_address(0x700).ok());
    ASSERT_TRUE(device.get_status().ok());
    ASSERT_TRUE(device.command(2, base::Bytes{1, 2, 3, 4}).ok());
    base::Bytes expected = before;
    std::copy_n(base::Bytes{1, 2, 3, 4}.begin(), 4, expected.begin() + 0x700 - 32);
    EXPECT_EQ(Dct(device.board.flash(), format).read(32, 8000), expected);
    ASSERT_TRUE(device.get_status().ok());
    ASSERT_TRUE(device.abort().ok());
    EXPECT_EQ(device.upload(2, 4).data(), (base::Bytes{1, 2, 3, 4}));
  }
}

TEST(DfuConfiguration, WriteTakesAThirdOfASecondUpTo11) {
  const auto time_of_write = [](const char* profile) {
    VirtualDevice device(profile);
    device.start();
    EXPECT_TRUE(device.select_alt(1).ok());
    EXPECT_TRUE(device.set_address(0x700).ok());
    EXPECT_TRUE(device.get_status().ok());
    EXPECT_TRUE(device.dnload(2, base::Bytes{1, 2, 3, 4}).ok());
    const auto before = device.wire.now();
    EXPECT_TRUE(device.get_status().ok());
    return std::chrono::duration<double>(device.wire.now() - before).count();
  };
  EXPECT_NEAR(time_of_write("11"), 0.320, 0.010);
  for (const char* profile : {"101", "400", "1006"})
    EXPECT_NEAR(time_of_write(profile), 0.075, 0.008);
}

TEST(DfuConfiguration, AltSettingCountsFrom7OnAndTheAddressBefore) {
  VirtualDevice old("6");
  old.start();
  ASSERT_TRUE(old.select_alt(1).ok());
  ASSERT_TRUE(old.set_address(kIndex1).ok());
  ASSERT_TRUE(old.get_status().ok());
  ASSERT_TRUE(old.command(2, pattern(64, 1)).ok());
  EXPECT_EQ(copy_of(old.flash(kIndex1, 64)), pattern(64, 1));
  VirtualDevice device("7");
  device.start();
  ASSERT_TRUE(device.select_alt(1).ok());
  ASSERT_TRUE(device.set_address(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  EXPECT_TRUE(device.command(2, pattern(64, 1)).stalled());
  EXPECT_TRUE(base::is_blank(device.flash(kIndex1, 64)));
}

TEST(DfuConfiguration, BlankReadsFlagsIn11AndNothingLater) {
  VirtualDevice old("11");
  old.start();
  ASSERT_TRUE(old.select_alt(1).ok());
  ASSERT_TRUE(old.set_address(0).ok());
  ASSERT_TRUE(old.abort().ok());
  EXPECT_EQ(old.upload(2, 6).data(), (base::Bytes{0xC0, 0xAC, 0xDE, 0x1A, 0x0B, 0x00}));
  VirtualDevice device("1006");
  device.start();
  ASSERT_TRUE(device.select_alt(1).ok());
  ASSERT_TRUE(device.set_address(0).ok());
  ASSERT_TRUE(device.abort().ok());
  EXPECT_EQ(device.upload(2, 6).data(), base::Bytes(6, 0xFF));
}

// --- leaving ---

TEST(DfuLeave, NeedsAStatusRequestAndCanBeAbortedBefore) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    device.start();
    ASSERT_TRUE(device.dnload(0, {}).ok());
    device.pass(milliseconds(3000));
    EXPECT_EQ(device.state(), 6) << profile;
    ASSERT_TRUE(device.abort().ok());
    EXPECT_EQ(device.state(), 2) << profile;
  }
}

TEST(DfuLeave, ResetsHalfASecondAfterTheStatusRequestWhateverComes) {
  for (const char* profile : {"101", "400", "1006"}) {
    VirtualDevice device(profile);
    device.start();
    const std::uint32_t resets = device.board.reset_count();
    ASSERT_TRUE(device.dnload(7, {}).ok());
    const Answer answer = device.get_status();
    EXPECT_EQ(answer.data()[4], 5) << "dfuDNLOAD-IDLE, not a state of manifestation";
    EXPECT_EQ(device.get_status().data()[4], 8);
    ASSERT_TRUE(device.clear_status().ok());
    ASSERT_TRUE(device.abort().ok());
    device.pass(milliseconds(480));
    EXPECT_EQ(device.board.reset_count(), resets);
    EXPECT_TRUE(device.board.attached());
    device.pass(milliseconds(30));
    EXPECT_EQ(device.board.reset_count(), resets + 1) << profile;
    EXPECT_EQ(device.board.registers().dr10, 0x5000) << profile;
  }
}

TEST(DfuLeave, SavesItsFlagsInTheConfigurationUpTo11) {
  VirtualDevice device("11");
  device.start();
  const std::uint32_t resets = device.board.reset_count();
  ASSERT_TRUE(device.dnload(0, {}).ok());
  ASSERT_TRUE(device.get_status().ok());
  device.pass(milliseconds(800));
  EXPECT_EQ(device.board.reset_count(), resets);
  device.pass(milliseconds(40));
  EXPECT_EQ(device.board.reset_count(), resets + 1);
  EXPECT_EQ(Dct(device.board.flash(), DctFormat::sealed).read16(14), 0xD001);
  EXPECT_EQ(Dct(device.board.flash(), DctFormat::sealed).read16(8), 0x5000);
}

}  // namespace
}  // namespace sim
