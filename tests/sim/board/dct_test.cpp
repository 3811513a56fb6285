// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/dct.h"

#include "sim/virtual_device.h"

namespace sim {
namespace {

constexpr DctFormat kFormats[] = {DctFormat::sealed, DctFormat::with_footer};

TEST(Dct, BlankReadsAsErased) {
  FlashMemory flash(platform::electron());
  for (const DctFormat format : kFormats) {
    EXPECT_FALSE(Dct(flash, format).live());
    EXPECT_TRUE(base::is_blank(Dct(flash, format).read(0, 16000)));
  }
}

TEST(Dct, HoldsAsMuchAsItsFormatLeaves) {
  FlashMemory flash(platform::electron());
  EXPECT_EQ(Dct(flash, DctFormat::sealed).capacity(), 16376U);
  EXPECT_EQ(Dct(flash, DctFormat::with_footer).capacity(), 16344U);
  Dct dct(flash, DctFormat::with_footer);
  EXPECT_TRUE(dct.write(16343, base::Bytes{1}));
  EXPECT_FALSE(dct.write(16344, base::Bytes{1}));
  EXPECT_FALSE(dct.write(0xFFFFFFFF, base::Bytes{1}));
}

TEST(Dct, WritesAlternateBetweenTheSectorsAndKeepTheRest) {
  for (const DctFormat format : kFormats) {
    FlashMemory flash(platform::electron());
    Dct::load(flash, pattern(8192, 3), format);
    Dct dct(flash, format);
    const auto first = dct.live();
    base::Bytes expected = pattern(8192, 3);
    for (int round = 0; round < 4; ++round) {
      const auto value = static_cast<std::uint8_t>(0x40 + round);
      ASSERT_TRUE(dct.write(100, base::Bytes{value}));
      expected[100] = value;
      EXPECT_EQ(dct.read(0, 8192), expected);
      EXPECT_EQ(dct.live() == first, round % 2 == 1);
    }
  }
}

TEST(Dct, EachFormatReadsWhatTheOtherWrote) {
  FlashMemory flash(platform::electron());
  Dct older(flash, DctFormat::sealed);
  Dct newer(flash, DctFormat::with_footer);
  ASSERT_TRUE(older.write(10, base::Bytes{1, 2}));
  EXPECT_EQ(newer.read(10, 2), (base::Bytes{1, 2}));
  ASSERT_TRUE(newer.write(11, base::Bytes{7}));
  EXPECT_EQ(older.read(10, 2), (base::Bytes{1, 7}));
  ASSERT_TRUE(older.write(12, base::Bytes{9}));
  EXPECT_EQ(newer.read(10, 3), (base::Bytes{1, 7, 9}));
}

// The code looks at the CRC only where there is another copy to fall back to.
TEST(Dct, NewFormatFallsBackFromADamagedCopyToTheOneBefore) {
  FlashMemory flash(platform::electron());
  Dct::load(flash, pattern(8192, 3), DctFormat::with_footer);
  Dct dct(flash, DctFormat::with_footer);
  ASSERT_TRUE(dct.write(100, base::Bytes{7}));
  EXPECT_EQ(dct.read(100, 1), base::Bytes{7});
  flash.load(0x08008100, base::Bytes{0});
  EXPECT_EQ(dct.read(0, 8192), pattern(8192, 3));
  EXPECT_EQ(Dct(flash, DctFormat::sealed).read(100, 1), base::Bytes{7});
}

TEST(Dct, NewFormatTakesTheOnlyCopyWhateverItsCrc) {
  FlashMemory flash(platform::electron());
  Dct::load(flash, pattern(8192, 3), DctFormat::with_footer);
  flash.load(0x08004100, base::Bytes{0});
  EXPECT_TRUE(Dct(flash, DctFormat::with_footer).live());
}

// Power cut before the older of two was retired.
TEST(Dct, OfTwoGoodCopiesTheNewerCounts) {
  for (int writes = 1; writes <= 5; ++writes) {
    FlashMemory flash(platform::electron());
    Dct::load(flash, pattern(64, 3), DctFormat::with_footer);
    Dct dct(flash, DctFormat::with_footer);
    for (int i = 0; i < writes; ++i) {
      ASSERT_TRUE(dct.write(0, base::Bytes{static_cast<std::uint8_t>(i + 1)}));
    }
    const std::uint32_t retired = writes % 2 == 1 ? 0x08004004 : 0x08008004;
    flash.load(retired, base::Bytes{0x00, 0x5E, 0xA1, 0xED});
    EXPECT_EQ(dct.read(0, 1), base::Bytes{static_cast<std::uint8_t>(writes)}) << writes;
  }
}

// As the released bootloaders do (tests/board).
TEST(Dct, NewFormatBeginsWithAnEmptyCopyInTheSecondSector) {
  FlashMemory flash(platform::electron());
  Dct dct(flash, DctFormat::with_footer);
  dct.prepare();
  EXPECT_EQ(dct.live(), 0x08008008U);
  EXPECT_TRUE(base::is_blank(dct.read(0, dct.capacity())));
  const base::ByteView footer = flash.view({0x0800BFE0, 0x0800BFFC});
  base::Bytes expected(28, 0);
  expected[22] = 4;
  base::store_le32(expected, 24, 0x1E1C279A);
  EXPECT_EQ(base::Bytes(footer.begin(), footer.end()), expected);
  const base::Bytes before(flash.view().begin(), flash.view().end());
  dct.prepare();
  EXPECT_TRUE(std::equal(before.begin(), before.end(), flash.view().begin())) << "once is enough";
  FlashMemory older(platform::electron());
  Dct(older, DctFormat::sealed).prepare();
  EXPECT_TRUE(base::is_blank(older.view({0x08004000, 0x0800C000})));
}

TEST(ModuleSlots, ComeBackAsTheyWereWritten) {
  FlashMemory flash(platform::electron());
  Dct dct(flash, DctFormat::sealed);
  ModuleSlot slot;
  slot.magic = ModuleSlot::kUpdate;
  slot.source = kStaging;
  slot.destination = kIndex1;
  slot.length = 1234;
  slot.function = 4;
  ASSERT_TRUE(write_slot(dct, 2, slot));
  const ModuleSlot read = read_slot(dct, 2);
  EXPECT_EQ(read.magic, 0xABCD);
  EXPECT_EQ(read.source, kStaging);
  EXPECT_EQ(read.destination, kIndex1);
  EXPECT_EQ(read.length, 1234U);
  EXPECT_EQ(read.flags, 0x0E);
  EXPECT_EQ(dct.read(2852 + 40, 2), (base::Bytes{0xCD, 0xAB}));
  ASSERT_TRUE(clear_slot(dct, 2));
  EXPECT_EQ(read_slot(dct, 2).magic, 0xFFFF);
}

}  // namespace
}  // namespace sim
