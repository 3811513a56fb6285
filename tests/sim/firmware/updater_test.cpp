// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/updater.h"

#include "firmware/parse.h"
#include "sim/board/dct.h"
#include "sim/board/stored_module.h"
#include "sim/firmware_bench.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;

class Updater : public ::testing::Test {
 protected:
  FakeHardware hardware;
  FlashMemory& flash = hardware.flash();

  bool apply(const base::Bytes& image) {
    flash.fill_blank(platform::electron().staging);
    flash.load(platform::electron().staging.begin, image);
    return apply_staged(hardware, platform::electron(), system_profile(110),
                        *firmware::parse_header(image, nullptr));
  }
};

TEST_F(Updater, RegistersAnUpdateInTheFirstFreeSlotAfterTheFactoryOne) {
  Dct dct(flash, DctFormat::sealed);
  ASSERT_TRUE(write_slot(dct, 0, {.magic = ModuleSlot::kFactory}));
  ASSERT_TRUE(write_slot(dct, 1, {.magic = ModuleSlot::kUpdate}));
  ASSERT_TRUE(apply(part(3, 110)));
  EXPECT_EQ(read_slot(dct, 0).magic, ModuleSlot::kFactory);
  const ModuleSlot slot = read_slot(dct, 2);
  EXPECT_EQ(slot.magic, ModuleSlot::kUpdate);
  EXPECT_EQ(slot.source, 0x080C0000U);
  EXPECT_EQ(slot.destination, 0x08060000U);
  EXPECT_EQ(slot.length, 4096U);
  EXPECT_EQ(slot.flags, 0x0E);
}

TEST_F(Updater, FailsWhenNoSlotIsFree) {
  Dct dct(flash, DctFormat::sealed);
  for (int i = 1; i < ModuleSlot::kCount; ++i) {
    ASSERT_TRUE(write_slot(dct, i, {.magic = ModuleSlot::kUpdate}));
  }
  EXPECT_FALSE(apply(part(3, 110)));
}

TEST_F(Updater, WritesABootloaderThroughItsProtection) {
  put(flash, kBootloader, module(kBootloader, 8));
  flash.protect_at_once(0, true);
  ASSERT_TRUE(apply(module(kBootloader, 11, {}, {}, 15540)));
  EXPECT_EQ(version_at(flash, platform::electron(), kBootloader), 11);
  EXPECT_TRUE(flash.write_protected(0));
}

TEST_F(Updater, NoticesABootloaderThatDidNotTake) {
  flash.set_stuck(0x08000200);
  EXPECT_FALSE(apply(module(kBootloader, 11, {}, {}, 15540)));
  const base::Bytes too_long(0x4004, 0);
  EXPECT_FALSE(write_bootloader(hardware, platform::electron(), too_long));
}

}  // namespace
}  // namespace sim
