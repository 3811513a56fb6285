// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/flash_memory.h"

#include "sim/virtual_device.h"

#include <algorithm>

namespace sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class Flash : public ::testing::Test {
 protected:
  base::ByteView at(std::uint32_t address, std::uint32_t size) const {
    return flash.view({address, address + size});
  }
  std::size_t sector(std::uint32_t address) const { return flash.sector_of(address); }
  // The power goes this long after the CPU began.
  void cut_after(base::Micros time) { flash.cut(base::Instant{} + time); }

  FlashMemory flash{platform::electron()};
};

TEST_F(Flash, HasTwelveSectorsOfTheDevice) {
  ASSERT_EQ(flash.sector_count(), 12U);
  EXPECT_EQ(flash.view().size(), 1024U * 1024U);
  EXPECT_EQ(flash.sector_range(3).size(), 16U * 1024U);
  EXPECT_EQ(flash.sector_range(4).size(), 64U * 1024U);
  EXPECT_EQ(flash.sector_range(5), (base::AddressRange{0x08020000, 0x08040000}));
  EXPECT_TRUE(base::is_blank(flash.view()));
}

TEST_F(Flash, ProgramsOnlyFromOneToZero) {
  EXPECT_EQ(flash.program(kIndex1, base::Bytes(4, 0xF0)), 4U);
  EXPECT_EQ(flash.program(kIndex1, base::Bytes(4, 0x3C)), 4U);
  EXPECT_EQ(at(kIndex1, 1)[0], 0x30);
}

TEST_F(Flash, ErasesWholeSectorsAndCountsThem) {
  flash.load(kIndex1, base::Bytes(0x20000, 0));
  flash.load(kIndex2, base::Bytes(4, 0));
  EXPECT_TRUE(flash.erase_sector(sector(kIndex1 + 5000)));
  EXPECT_TRUE(base::is_blank(at(kIndex1, 0x20000)));
  EXPECT_EQ(at(kIndex2, 1)[0], 0);
  EXPECT_EQ(flash.erase_count(sector(kIndex1)), 1U);
  EXPECT_EQ(flash.erase_count(sector(kIndex2)), 0U);
}

TEST_F(Flash, TakesTheTimesOfTheDatasheet) {
  const auto time_of = [this](auto act) {
    const base::Instant before = flash.time();
    act();
    return flash.time() - before;
  };
  const auto erase = [this](std::uint32_t address) {
    return [this, address] { EXPECT_TRUE(flash.erase_sector(sector(address))); };
  };
  EXPECT_EQ(time_of(erase(0x0800C000)), milliseconds(250));
  EXPECT_EQ(time_of(erase(0x08010000)), milliseconds(550));
  EXPECT_EQ(time_of(erase(kIndex1)), milliseconds(1000));
  EXPECT_EQ(time_of([this] { flash.program(kIndex1, base::Bytes(4096, 0)); }),
            microseconds(16 * 1024));
  flash.set_timing(worst_timing());
  EXPECT_EQ(time_of(erase(kIndex1)), milliseconds(2000));
  EXPECT_EQ(time_of([this] { flash.program(kIndex1, base::Bytes(4096, 0)); }),
            microseconds(100 * 1024));
}

TEST_F(Flash, RefusesUnalignedProtectedAndOutside) {
  EXPECT_EQ(flash.program(kIndex1 + 2, base::Bytes(4, 0)), 0U);
  EXPECT_EQ(flash.program(0x08100000, base::Bytes(4, 0)), 0U);
  EXPECT_EQ(flash.program(0x080FFFF8, base::Bytes(16, 0)), 8U);
  flash.set_write_protected(sector(kIndex1), true);
  EXPECT_EQ(flash.program(kIndex1, base::Bytes(4, 0)), 0U);
  EXPECT_FALSE(flash.erase_sector(sector(kIndex1)));
  EXPECT_TRUE(base::is_blank(at(kIndex1, 16)));
  EXPECT_EQ(flash.program(kIndex1 - 4, base::Bytes(8, 0)), 4U) << "up to the protected sector";
}

TEST_F(Flash, StuckWordStaysAsItIs) {
  flash.set_stuck(kIndex1 + 5);
  EXPECT_EQ(flash.program(kIndex1, base::Bytes(12, 0)), 12U);
  EXPECT_EQ(copy_of(at(kIndex1, 12)),
            (base::Bytes{0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}));
}

TEST_F(Flash, LostWriteLooksGoodUntilItIsOver) {
  flash.lose_write(kIndex1 + 100);
  EXPECT_EQ(flash.program(kIndex1, base::Bytes(4096, 0)), 4096U);
  EXPECT_EQ(at(kIndex1, 1)[0], 0) << "a comparison right after it succeeds";
  flash.settle(flash.time());
  EXPECT_TRUE(base::is_blank(at(kIndex1, 4096)));
  EXPECT_EQ(flash.program(kIndex1, base::Bytes(4096, 0)), 4096U);
  flash.settle(flash.time());
  EXPECT_EQ(at(kIndex1, 1)[0], 0) << "only once";
}

TEST_F(Flash, CutUndoesWhatHadNotBegun) {
  flash.load(kIndex1, base::Bytes(0x20000, 0x55));
  flash.load(kIndex2, base::Bytes(0x20000, 0x55));
  EXPECT_TRUE(flash.erase_sector(sector(kIndex1)));
  flash.program(kIndex1, base::Bytes(4096, 0));
  EXPECT_TRUE(flash.erase_sector(sector(kIndex2)));
  cut_after(milliseconds(1000));  // the erase is over, nothing else has begun
  EXPECT_TRUE(base::is_blank(at(kIndex1, 0x20000)));
  EXPECT_EQ(at(kIndex2, 1)[0], 0x55);
  EXPECT_TRUE(flash.journal().empty());
}

TEST_F(Flash, CutLeavesTheErasedShareOfASector) {
  for (const CutPattern pattern :
       {CutPattern::from_start, CutPattern::from_end, CutPattern::scattered}) {
    FlashMemory fresh(platform::electron());
    fresh.load(kIndex1, base::Bytes(0x20000, 0x55));
    fresh.set_cut_pattern(pattern);
    ASSERT_TRUE(fresh.erase_sector(fresh.sector_of(kIndex1)));
    fresh.cut(base::Instant{} + milliseconds(400));
    const base::ByteView bytes = fresh.view({kIndex1, kIndex1 + 0x20000});
    const auto erased = std::count(bytes.begin(), bytes.end(), 0xFF);
    EXPECT_NEAR(static_cast<double>(erased), 0.4 * 0x20000, 0.01 * 0x20000);
    EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0x55), 0x20000 - erased);
    if (pattern == CutPattern::from_start) {
      EXPECT_EQ(bytes.front(), 0xFF);
    } else if (pattern == CutPattern::from_end) {
      EXPECT_EQ(bytes.back(), 0xFF);
    }
  }
}

TEST_F(Flash, CutIsTheSameEveryTime) {
  const auto left_by = [](base::Micros time) {
    FlashMemory fresh(platform::electron());
    fresh.load(kIndex1, pattern(0x20000, 1));
    fresh.set_cut_pattern(CutPattern::scattered);
    EXPECT_TRUE(fresh.erase_sector(fresh.sector_of(kIndex1)));
    fresh.cut(base::Instant{} + time);
    return copy_of(fresh.view());
  };
  EXPECT_EQ(left_by(milliseconds(333)), left_by(milliseconds(333)));
  EXPECT_NE(left_by(milliseconds(333)), left_by(milliseconds(334)));
}

TEST_F(Flash, CutStopsInTheMiddleOfAWord) {
  flash.program(kIndex1, base::Bytes(64, 0));
  cut_after(microseconds(3 * 16 + 8));
  EXPECT_EQ(copy_of(at(kIndex1, 17)),
            (base::Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF}));
}

TEST_F(Flash, CutTakesBackAProtectionThatWasBeingSet) {
  flash.set_write_protected(sector(kIndex1), true);
  cut_after(milliseconds(1));
  EXPECT_FALSE(flash.write_protected(sector(kIndex1)));
}

TEST_F(Flash, SettledOperationsCanNoLongerBeUndone) {
  flash.program(kIndex1, base::Bytes(64, 0));
  flash.program(kIndex1 + 64, base::Bytes(64, 0));
  flash.settle(base::Instant{} + microseconds(16 * 16));
  EXPECT_EQ(flash.journal().size(), 1U);
  flash.cut(base::Instant{});
  EXPECT_EQ(at(kIndex1, 1)[0], 0);
  EXPECT_EQ(at(kIndex1 + 64, 1)[0], 0xFF);
}

}  // namespace
}  // namespace sim
