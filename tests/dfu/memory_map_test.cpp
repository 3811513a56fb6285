// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/memory_map.h"

#include <gtest/gtest.h>

#include <string>

namespace dfu {
namespace {

TEST(ParseMemoryMap, ReadsTheElectronsFlash) {
  const auto map =
      parse_memory_map("@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg");
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->name, "Internal Flash");
  ASSERT_EQ(map->sectors.size(), 12U);
  EXPECT_EQ(map->sectors[0].range, (base::AddressRange{0x08000000, 0x08004000}));
  EXPECT_TRUE(map->sectors[0].readable);
  EXPECT_FALSE(map->sectors[0].erasable);
  EXPECT_FALSE(map->sectors[0].writable);
  EXPECT_EQ(map->sectors[4].range, (base::AddressRange{0x08010000, 0x08020000}));
  EXPECT_EQ(map->sectors[5].range, (base::AddressRange{0x08020000, 0x08040000}));
  EXPECT_TRUE(map->sectors[5].readable && map->sectors[5].erasable && map->sectors[5].writable);
  EXPECT_EQ(map->sectors[11].range, (base::AddressRange{0x080E0000, 0x08100000}));
}

TEST(ParseMemoryMap, ReadsTheElectronsConfiguration) {
  const auto map = parse_memory_map("@DCT Flash   /0x00000000/01*016Kg");
  ASSERT_TRUE(map) << map.error().message;
  ASSERT_EQ(map->sectors.size(), 1U);
  EXPECT_EQ(map->sectors[0].range, (base::AddressRange{0, 0x4000}));
}

TEST(ParseMemoryMap, ReadsSeveralRegionsInOneStringAndSortsThem) {
  const auto map = parse_memory_map("@Two/0x20000000/2*1Mg/0x1000/01*512Bc,1*16 e");
  ASSERT_TRUE(map) << map.error().message;
  ASSERT_EQ(map->sectors.size(), 4U);
  EXPECT_EQ(map->sectors[0].range, (base::AddressRange{0x1000, 0x1200}));
  EXPECT_FALSE(map->sectors[0].writable);
  EXPECT_TRUE(map->sectors[0].erasable);
  EXPECT_EQ(map->sectors[1].range, (base::AddressRange{0x1200, 0x1210}));
  EXPECT_EQ(map->sectors[3].range, (base::AddressRange{0x20100000, 0x20200000}));
}

TEST(ParseMemoryMap, MakesTheNameFitForATerminal) {
  const auto map = parse_memory_map("@\x1b[2Jx/0x0/1*1Kg");
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->name, "?[2Jx");
}

class BadMemoryMap : public testing::TestWithParam<const char*> {};

TEST_P(BadMemoryMap, IsRefused) {
  const auto map = parse_memory_map(GetParam());
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().code, base::Errc::protocol);
  EXPECT_EQ(map.error().id, "bad-memory-map");
  EXPECT_FALSE(map.error().hint.empty());
}

INSTANTIATE_TEST_SUITE_P(
    ParseMemoryMap, BadMemoryMap,
    testing::Values("", "@", "@X", "Internal Flash /0x08000000/1*2Kg", "@X/", "@X/0x",
                    "@X/08000000/1*2Kg", "@X/0x08000000", "@X/0x08000000/", "@X/0x08000000/1",
                    "@X/0x08000000/1*",
                    "@X/0x08000000/1*2K",  // dfu-util reads past the end of this
                    "@X/0x08000000/1*2Kh", "@X/0x08000000/1*2K@", "@X/0x08000000/*2Kg",
                    "@X/0x08000000/-1*2Kg", "@X/0x08000000/+1*2Kg", "@X/0x08000000/ 1*2Kg",
                    "@X/0x08000000/1*2Kg,", "@X/0x08000000/1*2Kg/", "@X/0x08000000/1*2Kgg",
                    "@X/0x08000000/0*2Kg", "@X/0x08000000/1*0Kg", "@X/0x08000000/4097*1Kg",
                    "@X/0x08000000/99999999999999*2Kg", "@X/0x08000000/1*99999999999Kg",
                    "@X/0x08000000/4294967295*4294967295Mg", "@X/0x1FFFFFFFF/1*2Kg",
                    "@X/0xFFFFFC00/1*2Kg", "@X/0xFFFFFC00/1*1Kg", "@X/0x1000/2*4Kg/0x2000/1*4Kg"));

TEST(ParseMemoryMap, RefusesTextThatNoUsbStringCanHold) {
  EXPECT_FALSE(parse_memory_map("@" + std::string(1000, 'X') + "/0x0/1*1Kg"));
}

TEST(ParseMemoryMap, BoundsTheSectorsOfAllRegionsTogether) {
  EXPECT_TRUE(parse_memory_map("@X/0x0/4096*1Kg"));
  EXPECT_FALSE(parse_memory_map("@X/0x0/4096*1Kg/0x10000000/1*1Kg"));
}

}  // namespace
}  // namespace dfu
