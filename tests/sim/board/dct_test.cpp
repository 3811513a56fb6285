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

TEST(Dct, NewFormatNoticesADamagedCopy) {
  FlashMemory flash(platform::electron());
  Dct::load(flash, pattern(8192, 3), DctFormat::with_footer);
  EXPECT_TRUE(Dct(flash, DctFormat::with_footer).live());
  flash.load(0x08004100, base::Bytes{0});
  EXPECT_FALSE(Dct(flash, DctFormat::with_footer).live());
  EXPECT_TRUE(Dct(flash, DctFormat::sealed).live());
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
