// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the bootloader decides at a reset: index 1, the factory image, the MODE button, requests.
#include "sim/bootloader/bootloader.h"

#include "sim/board/dct.h"
#include "sim/virtual_device.h"

namespace sim {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using std::chrono::milliseconds;

constexpr const char* kAll[] = {"6", "11", "101", "201", "400", "1003", "1006"};
constexpr const char* kBefore300[] = {"6", "11", "101", "201"};
constexpr const char* kFrom300[] = {"301", "400", "1003", "1006"};
constexpr const char* kTo400[] = {"11", "101", "201", "400"};
constexpr const char* kFrom1003[] = {"1003", "1004", "1005", "1006"};

void give_factory_image(VirtualDevice& device, bool registered) {
  const base::Bytes app = make_module(platform::kUserPart, 3, 4096);
  load(device, kFactory, app);
  if (!registered) return;
  base::Bytes data(8192, 0xFF);
  ModuleSlot slot;
  slot.magic = ModuleSlot::kFactory;
  slot.source = kFactory;
  slot.destination = kUserPart;
  slot.length = static_cast<std::uint32_t>(app.size());
  slot.function = 5;
  const base::Bytes bytes = encode(slot);
  std::copy(bytes.begin(), bytes.end(), data.begin() + kDctModuleSlots);
  Dct::load(device.board.flash(), data, DctFormat::sealed);
}

// --- index 1 ---

TEST(BootDecision, WithoutIndex1TheDeviceComesUpInDfu) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    load(device, kIndex2, make_module(kSystemPart2, 110, 8192));
    load(device, kUserPart, make_module(platform::kUserPart, 3, 4096));
    device.start();
    EXPECT_TRUE(in_dfu(device)) << profile;
    EXPECT_EQ(device.board.led(), (Led{"yellow", "blinking"})) << profile;
  }
}

TEST(BootDecision, LooksAtIndex1sHeaderAndNothingElse) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    base::Bytes image = make_module(kSystemPart1, 110, 8192);
    image.back() ^= 0xFF;  // wrong checksum, and no index 2 at all
    load(device, kIndex1, image);
    device.start();
    EXPECT_EQ(device.firmware_starts, 1) << profile;
    EXPECT_EQ(device.board.registers().dr1, 1) << profile;
  }
}

TEST(BootDecision, RefusesAnIndex1ThatBelongsElsewhere) {
  for (const auto id : {kSystemPart2, platform::kUserPart}) {
    VirtualDevice device("11");
    load(device, kIndex1, make_module(id, 110, 8192));
    device.start();
    EXPECT_TRUE(in_dfu(device));
  }
  VirtualDevice photon("11");
  base::Bytes image = make_module(kSystemPart1, 110, 8192);
  image[0x184 + 12] = 6;  // platform
  load(photon, kIndex1, image);
  photon.start();
  EXPECT_TRUE(in_dfu(photon));
}

TEST(BootDecision, WithoutTheFirstBlockOfIndex1ItIsDfu) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    give_index1(device);
    device.board.flash().load(kIndex1, base::Bytes(4096, 0xFF));
    device.start();
    EXPECT_TRUE(in_dfu(device)) << profile;
  }
}

// --- the factory image ---

TEST(BootDecision, UnregisteredFactoryImageLoopsFrom1003OnOnly) {
  for (const char* profile : kTo400) {
    VirtualDevice device(profile);
    give_factory_image(device, false);
    device.start();
    EXPECT_TRUE(in_dfu(device)) << profile;
  }
  for (const char* profile : kFrom1003) {
    VirtualDevice device(profile);
    give_factory_image(device, false);
    device.board.power(true);
    device.pass(milliseconds(20'000));
    EXPECT_FALSE(device.board.attached()) << profile;
    EXPECT_GT(device.board.reset_count(), 10U) << profile;
    EXPECT_LT(device.board.reset_count(), 25U) << profile;
    EXPECT_EQ(copy_of(device.flash(kUserPart, 4096)), copy_of(device.flash(kFactory, 4096)));
  }
}

TEST(BootDecision, RegisteredFactoryImageLoopsAlwaysUntilModeIsHeld) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    give_factory_image(device, true);
    device.board.power(true);
    device.pass(milliseconds(10'000));
    EXPECT_FALSE(device.board.attached()) << profile;
    EXPECT_GT(device.board.reset_count(), 3U) << profile;
    device.board.press_mode(true);
    device.board.press_reset(true);
    device.board.press_reset(false);
    device.pass(milliseconds(3500));
    device.board.press_mode(false);
    device.pass(milliseconds(500));
    EXPECT_TRUE(in_dfu(device)) << profile;
  }
}

TEST(BootDecision, DamagedFactoryImageIsLeftAlone) {
  VirtualDevice device("1006");
  give_factory_image(device, false);
  load(device, kFactory + 2000, base::Bytes{0, 0, 0, 0});
  device.start();
  EXPECT_TRUE(in_dfu(device));
}

// --- the MODE button ---

// Presses MODE during a reset and lets it go after `held`.
void hold_mode(VirtualDevice& device, base::Micros held) {
  device.board.press_mode(true);
  device.board.power(true);
  device.pass(held);
  device.board.press_mode(false);
  device.pass(milliseconds(500));
}

TEST(ModeButton, ShortPressBootsAndOneSecondMeansSafeMode) {
  for (const char* profile : kAll) {
    const FlagStore store = find_bootloader_profile(profile)->flags;
    VirtualDevice normal(profile);
    give_index1(normal);
    hold_mode(normal, milliseconds(900));
    EXPECT_EQ(normal.firmware_starts, 1) << profile;
    VirtualDevice safe(profile);
    give_index1(safe);
    hold_mode(safe, milliseconds(2000));
    EXPECT_EQ(safe.firmware_starts, 1) << profile;
    const std::uint8_t startup_mode =
        store == FlagStore::dct
            ? Dct(safe.board.flash(), DctFormat::sealed).read(18, 1)[0]
            : static_cast<std::uint8_t>(safe.board.registers().other[8] >> 16 & 0xFF);
    EXPECT_EQ(startup_mode, 1) << profile;
  }
}

TEST(ModeButton, ShowsWhatItWouldDo) {
  VirtualDevice device("400");
  give_index1(device);
  give_factory_image(device, true);
  device.board.press_mode(true);
  device.board.power(true);
  const auto colour_after = [&](int ms) {
    device.pass(base::Instant{} + milliseconds(ms) - device.wire.now());
    return device.board.led().colour;
  };
  EXPECT_EQ(colour_after(900), "off");
  EXPECT_EQ(colour_after(1100), "magenta");
  EXPECT_EQ(colour_after(3100), "yellow");
  EXPECT_EQ(colour_after(6600), "green");
  EXPECT_EQ(colour_after(10'100), "white");
}

TEST(ModeButton, WithoutAFactoryImageOldBootloadersDoNotWaitForTheRelease) {
  for (const char* profile : kBefore300) {
    VirtualDevice device(profile);
    give_index1(device);
    device.board.press_mode(true);
    device.board.power(true);
    device.pass(milliseconds(3900));
    EXPECT_TRUE(in_dfu(device)) << profile;
    EXPECT_EQ(device.firmware_starts, 0);
  }
  for (const char* profile : kFrom300) {
    VirtualDevice device(profile);
    give_index1(device);
    device.board.press_mode(true);
    device.board.power(true);
    device.pass(milliseconds(3900));
    EXPECT_FALSE(device.board.attached()) << profile;
    device.board.press_mode(false);
    device.pass(milliseconds(500));
    EXPECT_TRUE(in_dfu(device)) << profile;
  }
}

TEST(ModeButton, SevenSecondsRestoreTheFactoryApplication) {
  VirtualDevice device("400");
  give_index1(device);
  give_factory_image(device, true);
  hold_mode(device, milliseconds(7000));
  device.pass(milliseconds(3000));
  EXPECT_EQ(copy_of(device.flash(kUserPart, 4096)), copy_of(device.flash(kFactory, 4096)));
  EXPECT_EQ(device.firmware_starts, 1);
  EXPECT_EQ(device.board.reset_count(), 2U);
}

TEST(ModeButton, EndsByItselfAfterTwelveSeconds) {
  VirtualDevice device("400");
  give_index1(device);
  device.board.press_mode(true);
  device.board.power(true);
  device.pass(milliseconds(12'100));
  EXPECT_EQ(device.firmware_starts, 1);
}

// --- requests ---

// The firmware's side of a request: BKP_DR1 is written, and a reset follows.
class Asking {
 public:
  Asking(const char* profile, std::uint16_t dr1)
      : board(platform::electron(), kTestId,
              Programs{[profile](Hardware& hardware, ResetCause cause) {
                         return std::make_unique<Bootloader>(hardware, cause,
                                                             *find_bootloader_profile(profile));
                       },
                       [this, dr1](Hardware& hardware) -> std::unique_ptr<Program> {
                         if (starts++ == 0) {
                           hardware.backup().dr1 = dr1;
                           hardware.reset(ResetCause::software);
                         }
                         return nullptr;
                       }},
              base::Instant{}) {
    board.flash().load(kIndex1, make_module(kSystemPart1, 110, 8192));
    board.power(true);
    board.advance_to(base::Instant{} + milliseconds(3000));
  }
  int starts = 0;
  Board board;
};

TEST(Requests, DfuIsTakenOnce) {
  for (const char* profile : kAll) {
    Asking device(profile, 0xEDFA);
    EXPECT_TRUE(device.board.attached()) << profile;
    EXPECT_EQ(device.board.registers().dr1, 0xFFFF) << profile;
    device.board.press_reset(true);
    device.board.press_reset(false);
    device.board.advance_to(device.board.time() + milliseconds(1000));
    EXPECT_EQ(device.starts, 2) << profile;
    EXPECT_EQ(device.board.registers().dr1, 1) << profile;
  }
}

TEST(Requests, SafeModeBootsOn) {
  Asking device("11", 0x5AFE);
  EXPECT_EQ(device.starts, 2);
  EXPECT_EQ(Dct(device.board.flash(), DctFormat::sealed).read(18, 1)[0], 1);
}

// --- the way to DFU takes the time it was seen to take ---

TEST(Requests, DfuPullUpComesAsSoonAsOnTheDevice) {
  const auto time_to_pull_up = [](const char* profile) {
    VirtualDevice device(profile);
    device.board.power(true);
    device.pass(milliseconds(1000));  // flags of the first start
    device.board.press_reset(true);
    device.board.press_reset(false);
    int ms = 0;
    while (!device.board.attached() && ms < 1000) {
      device.pass(milliseconds(1));
      ++ms;
    }
    return ms;
  };
  EXPECT_EQ(time_to_pull_up("6"), 52);
  EXPECT_EQ(time_to_pull_up("11"), 52);
  EXPECT_EQ(time_to_pull_up("400"), 56);
  EXPECT_EQ(time_to_pull_up("1004"), 7);
}

}  // namespace
}  // namespace sim
