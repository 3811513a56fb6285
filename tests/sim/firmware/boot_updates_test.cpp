// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the bootloader does on the way to the firmware: update slots, the watchdog after a DFU
// leave; and which bootloader runs.
#include "sim/board/dct.h"
#include "sim/bootloader/bootloader.h"
#include "sim/virtual_device.h"

namespace sim {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using std::chrono::milliseconds;

constexpr const char* kAll[] = {"6", "11", "101", "201", "400", "1003", "1006"};

// --- update slots ---

void register_update(VirtualDevice& device, const base::Bytes& image, std::uint32_t destination,
                     std::uint8_t function) {
  load(device, kStaging, image);
  base::Bytes data(8192, 0xFF);
  ModuleSlot slot;
  slot.magic = ModuleSlot::kUpdate;
  slot.source = kStaging;
  slot.destination = destination;
  slot.length = static_cast<std::uint32_t>(image.size());
  slot.function = function;
  const base::Bytes bytes = encode(slot);
  std::copy(bytes.begin(), bytes.end(), data.begin() + kDctModuleSlots + 20);
  Dct::load(device.board.flash(), data, DctFormat::sealed);
}

std::uint16_t slot_magic(VirtualDevice& device) {
  return read_slot(Dct(device.board.flash(), DctFormat::sealed), 1).magic;
}

TEST(UpdateSlot, IsCopiedOnceAndUsedUp) {
  for (const char* profile : kAll) {
    VirtualDevice device(profile);
    give_index1(device);
    const base::Bytes image = make_module(kSystemPart2, 111, 60'000);
    register_update(device, image, kIndex2, 4);
    device.board.flash().protect_at_once(device.board.flash().sector_of(kIndex2), true);
    device.board.power(true);
    device.pass(milliseconds(900));
    EXPECT_EQ(device.firmware_starts, 0) << profile;
    EXPECT_EQ(device.board.led(), (Led{"magenta", "fast blinking"})) << profile;
    device.pass(milliseconds(3000));
    EXPECT_EQ(device.firmware_starts, 1) << profile;
    EXPECT_EQ(copy_of(device.flash(kIndex2, 60'000)), image) << profile;
    EXPECT_EQ(slot_magic(device), 0xFFFF) << profile;
  }
}

TEST(UpdateSlot, IsRefusedAndUsedUpWhenItDoesNotFit) {
  const base::Bytes good = make_module(kSystemPart2, 111, 8192);
  base::Bytes damaged = good;
  damaged[5000] ^= 1;
  base::Bytes photon = good;
  photon[0x184 + 12] = 6;
  const struct {
    const char* why;
    base::Bytes image;
    std::uint32_t destination;
    std::uint8_t function;
  } kCases[] = {{"checksum", damaged, kIndex2, 4},
                {"platform", photon, kIndex2, 4},
                {"destination", good, kIndex1, 4},
                {"function", good, kIndex2, 5}};
  for (const auto& refused : kCases) {
    for (const char* profile : {"11", "101", "1006"}) {
      VirtualDevice device(profile);
      give_index1(device);
      register_update(device, refused.image, refused.destination, refused.function);
      const base::Bytes index1 = copy_of(device.flash(kIndex1, 0x20000));
      device.start();
      EXPECT_TRUE(base::is_blank(device.flash(kIndex2, 0x20000))) << refused.why;
      EXPECT_EQ(copy_of(device.flash(kIndex1, 0x20000)), index1) << refused.why;
      EXPECT_EQ(slot_magic(device), 0xFFFF) << refused.why;
      EXPECT_EQ(device.firmware_starts, 1) << refused.why;
    }
  }
}

TEST(UpdateSlot, PowerCutWhileCopyingIsRepeatedWhereTheSlotIsClearedAfter) {
  for (const char* profile : {"11", "1006"}) {
    VirtualDevice device(profile);
    give_index1(device);
    const base::Bytes image = make_module(kSystemPart2, 111, 60'000);
    register_update(device, image, kIndex2, 4);
    device.wire.set_faults(0, *parse_faults("during erase 0x08040000 at 0.5: power-cut 1s"));
    device.board.power(true);
    device.pass(milliseconds(8000));
    EXPECT_EQ(copy_of(device.flash(kIndex2, 60'000)), image) << profile;
  }
  VirtualDevice device("101");
  give_index1(device);
  load(device, kIndex2, base::Bytes(0x20000, 0x55));
  register_update(device, make_module(kSystemPart2, 111, 60'000), kIndex2, 4);
  device.wire.set_faults(0, *parse_faults("during erase 0x08040000 at 0.5: power-cut 1s"));
  device.board.power(true);
  device.pass(milliseconds(8000));
  EXPECT_EQ(device.flash(kIndex2 + 0x1FFFF, 1)[0], 0x55) << "forgotten half-way";
}

// --- the watchdog ---

TEST(BootWatchdog, BringsAHangingDeviceBackToDfuAfterALeave) {
  for (const char* profile : {"11", "1006"}) {
    VirtualDevice device(profile);
    device.start();
    give_index1(device);  // its firmware hangs: there is none behind it
    ASSERT_TRUE(device.dnload(0, {}).ok());
    ASSERT_TRUE(device.get_status().ok());
    device.pass(milliseconds(15'000));
    EXPECT_FALSE(device.board.attached()) << profile;
    device.pass(milliseconds(5'000));
    EXPECT_TRUE(in_dfu(device)) << profile;
    EXPECT_EQ(device.firmware_starts, 3) << profile;
    EXPECT_EQ(device.last_cause, ResetCause::watchdog);
  }
}

TEST(BootWatchdog, IsNotArmedAtAnOrdinaryStart) {
  VirtualDevice device("11");
  give_index1(device);
  device.start();
  device.pass(milliseconds(60'000));
  EXPECT_EQ(device.board.reset_count(), 1U);
}

TEST(BootWatchdog, IsLeftOutForOldSystemsSince101) {
  for (const std::uint16_t index2 : {std::uint16_t{110}, std::uint16_t{207}}) {
    VirtualDevice device("101");
    device.start();
    give_index1(device);
    load(device, kIndex2, make_module(kSystemPart2, index2, 8192));
    ASSERT_TRUE(device.dnload(0, {}).ok());
    ASSERT_TRUE(device.get_status().ok());
    device.pass(milliseconds(8'000));
    EXPECT_EQ(device.last_cause, index2 < 200 ? ResetCause::software : ResetCause::watchdog);
  }
}

// --- which bootloader runs ---

TEST(MakeBootloader, GoesByTheImageInFlash) {
  Board board(platform::electron(), kTestId,
              Programs{[](Hardware& hardware, ResetCause cause) {
                         return make_bootloader(hardware, cause, *find_bootloader_profile("7-0.5"));
                       },
                       {}},
              base::Instant{});
  const auto product_after_reset = [&](std::uint16_t version) {
    board.power(false);
    board.flash().fill_blank({0x08000000, 0x08004000});
    board.flash().load(0x08000000, make_module(platform::kBootloader, version, 12'000));
    board.power(true);
    board.advance_to(board.time() + milliseconds(2000));
    const ControlReply reply =
        board.control({0x80, 6, 0x0100, 0}, 18, {}, Board::DataStage::completed);
    return base::load_le16(reply.data, 12);
  };
  EXPECT_EQ(product_after_reset(7), 0x0200);
  EXPECT_EQ(product_after_reset(11), 0x0250);
}

TEST(MakeBootloader, DamagedImageIsADeadDevice) {
  Board board(platform::electron(), kTestId,
              Programs{[](Hardware& hardware, ResetCause cause) {
                         return make_bootloader(hardware, cause, *find_bootloader_profile("11"));
                       },
                       {}},
              base::Instant{});
  base::Bytes image = make_module(platform::kBootloader, 11, 12'000);
  image[9000] ^= 1;
  board.flash().load(0x08000000, image);
  board.power(true);
  board.advance_to(board.time() + milliseconds(60'000));
  EXPECT_FALSE(board.attached());
}

}  // namespace
}  // namespace sim
