// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/generation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using serial::generation_of;
using serial::VendorScheme;

TEST(GenerationOf, FindsTheRowOfEveryRelease) {
  EXPECT_EQ(generation_of("0.4.8-rc.6")->name, "up to 0.4.9");
  EXPECT_EQ(generation_of("0.5.2")->name, "0.5.0 to 0.5.2");
  EXPECT_EQ(generation_of("0.5.5")->name, "0.5.3 to 0.5.5");
  EXPECT_EQ(generation_of("0.6.0")->name, "0.6.0");
  EXPECT_EQ(generation_of("v0.6.4")->name, "0.6.1 to 0.7.x");
  EXPECT_EQ(generation_of("1.5.2")->name, "0.8.0 to 1.5.x");
  EXPECT_EQ(generation_of("3.3.1")->name, "2.0.0 and later");
}

TEST(GenerationOf, KnowsNothingOfOtherText) {
  EXPECT_EQ(generation_of(""), nullptr);
  EXPECT_EQ(generation_of("custom"), nullptr);
  EXPECT_EQ(generation_of("1.2"), nullptr);
}

TEST(Generations, AscendWithoutGap) {
  const auto all = serial::generations();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const auto& a, const auto& b) { return a.from < b.from; }));
}

TEST(Generations, TheListeningTouchIsForNobodyBefore050) {
  EXPECT_FALSE(generation_of("0.4.8-rc.6")->listening_touch);
  EXPECT_TRUE(generation_of("0.5.0")->listening_touch);
}

TEST(Generations, TheOldestTakeSmallBlocksOnly) {
  EXPECT_EQ(generation_of("0.4.8-rc.6")->block, 128u);
  EXPECT_EQ(generation_of("0.6.4")->block, 1024u);
  EXPECT_EQ(serial::oldest_generation().block, 128u);
}

TEST(Generations, VendorRequestsChangedTheirNumbers) {
  EXPECT_EQ(generation_of("0.5.5")->vendor, VendorScheme::none);
  EXPECT_EQ(generation_of("0.6.0")->vendor, VendorScheme::numbers_1);
  EXPECT_EQ(generation_of("0.7.0")->vendor, VendorScheme::numbers_10);
  EXPECT_EQ(generation_of("0.8.0-rc.2")->vendor, VendorScheme::asynchronous);
}

TEST(Generations, OnlyThe05SeriesTakesNoBootloader) {
  for (const auto& generation : serial::generations()) {
    const bool is_05 = generation.from[0] == 0 && generation.from[1] == 5;
    EXPECT_EQ(generation.bootloader_by_serial, !is_05) << generation.name;
  }
}

}  // namespace
