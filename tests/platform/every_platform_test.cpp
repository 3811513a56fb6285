// SPDX-License-Identifier: GPL-3.0-or-later
//
// What must hold for every platform in the registry, whichever is added.

#include "platform/platform.h"

#include <gtest/gtest.h>

namespace platform {
namespace {

class EveryPlatform : public testing::TestWithParam<const Platform*> {};

TEST_P(EveryPlatform, HasSectorsThatCoverItsFlashWithoutGapOrOverlap) {
  std::uint32_t next = GetParam()->flash.begin;
  for (const Sector& sector : GetParam()->sectors) {
    EXPECT_EQ(sector.range.begin, next);
    EXPECT_FALSE(sector.range.empty());
    next = sector.range.end;
  }
  EXPECT_EQ(next, GetParam()->flash.end);
}

TEST_P(EveryPlatform, HasSlotsThatStartOnSectorsAndDoNotOverlap) {
  for (const Slot& slot : GetParam()->slots) {
    const Sector* sector = GetParam()->sector_at(slot.flash.begin);
    ASSERT_NE(sector, nullptr);
    EXPECT_EQ(sector->range.begin, slot.flash.begin) << describe(slot.module);
    EXPECT_TRUE(GetParam()->flash.contains(slot.flash));
    for (const Slot& other : GetParam()->slots) {
      EXPECT_TRUE(&other == &slot || !slot.flash.overlaps(other.flash));
    }
    EXPECT_EQ(GetParam()->slot(slot.module), &slot);
    EXPECT_EQ(GetParam()->slot_at(slot.flash.begin), &slot);
  }
}

TEST_P(EveryPlatform, KeepsBootloaderAndKeysOutOfWhatDfuMayWrite) {
  const Platform& platform = *GetParam();
  EXPECT_FALSE(platform.dfu_writable.overlaps(platform.configuration));
  EXPECT_FALSE(platform.dfu_writable.overlaps(platform.slot(kBootloader)->flash));
  for (const Sector& sector : platform.sectors) {
    const bool writable = platform.dfu_writable.contains(sector.range);
    const bool ours = sector.use != SectorUse::bootloader &&
                      sector.use != SectorUse::configuration && sector.use != SectorUse::eeprom;
    EXPECT_EQ(writable, ours) << std::hex << sector.range.begin;
  }
}

TEST_P(EveryPlatform, IsFoundByItsNumber) { EXPECT_EQ(find(GetParam()->id), GetParam()); }

INSTANTIATE_TEST_SUITE_P(Registry, EveryPlatform, testing::ValuesIn(all().begin(), all().end()));

TEST(ModuleFunctions, HaveNamesThatGoBothWays) {
  for (int number = 0; number <= 8; ++number) {
    const auto function = static_cast<ModuleFunction>(number);
    EXPECT_EQ(function_from_name(name(function)), function);
  }
  EXPECT_EQ(name(static_cast<ModuleFunction>(77)), "unknown");
  EXPECT_EQ(function_from_name("nonsense"), ModuleFunction::none);
}

TEST(PlatformName, NamesOtherDevicesForTheMessage) {
  EXPECT_EQ(platform_name(6), "Photon");
  EXPECT_EQ(platform_name(777), "platform 777");
}

TEST(Find, KnowsNoOtherPlatform) { EXPECT_EQ(find(6), nullptr); }

}  // namespace
}  // namespace platform
