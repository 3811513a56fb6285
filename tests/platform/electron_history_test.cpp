// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/electron_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace {

using platform::generation_of;
using platform::VendorScheme;

TEST(GenerationOf, FindsTheRelease) {
  EXPECT_EQ(generation_of("0.4.8-rc.6")->releases, "0.4.6 to 0.4.9");
  EXPECT_EQ(generation_of("0.5.2")->releases, "0.5.0 to 0.5.2");
  EXPECT_EQ(generation_of("0.5.5")->releases, "0.5.3-rc.2 to 0.5.5");
  EXPECT_EQ(generation_of("0.6.0")->releases, "0.6.0");
  EXPECT_EQ(generation_of("v0.6.4")->releases, "0.6.1 to 0.6.4");
  EXPECT_EQ(generation_of("0.7.0")->releases, "0.7.x");
  EXPECT_EQ(generation_of("1.5.2")->releases, "0.8.0 and later");
  EXPECT_EQ(generation_of("3.3.1")->releases, "0.8.0 and later");
}

TEST(GenerationOf, IsNoneForWhatIsNoVersion) {
  EXPECT_EQ(generation_of(""), nullptr);
  EXPECT_EQ(generation_of("custom"), nullptr);
  EXPECT_EQ(generation_of("1.2"), nullptr);
}

TEST(GenerationOf, CoversEveryModuleVersion) {
  EXPECT_EQ(generation_of(0).first, 0);
  EXPECT_EQ(generation_of(17).first, 12);
  EXPECT_EQ(generation_of(18).first, 18);
  EXPECT_EQ(generation_of(21).first, 19);
  EXPECT_EQ(generation_of(102).first, 100);
  EXPECT_EQ(generation_of(110).first, 103);
  EXPECT_EQ(generation_of(207).first, 200);
  EXPECT_EQ(generation_of(2021).first, 300);
  EXPECT_EQ(generation_of(65535).first, 300);
}

TEST(Generations, AscendByReleaseAndByModuleVersion) {
  const auto all = platform::system_generations();
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &platform::SystemGeneration::from));
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &platform::SystemGeneration::first));
  EXPECT_EQ(std::ranges::adjacent_find(all, {}, &platform::SystemGeneration::first), all.end());
}

TEST(Generations, TheListeningTouchIsForNobodyBefore050) {
  EXPECT_FALSE(generation_of("0.4.8-rc.6")->listening_touch);
  EXPECT_TRUE(generation_of("0.5.0")->listening_touch);
}

TEST(Generations, TheOldestTakeSmallBlocksOnly) {
  EXPECT_EQ(generation_of("0.4.8-rc.6")->ymodem_block, 128u);
  EXPECT_EQ(generation_of("0.5.2")->ymodem_block, 128u);
  EXPECT_EQ(generation_of("0.5.3")->ymodem_block, 1024u);
  EXPECT_EQ(generation_of("0.6.4")->ymodem_block, 1024u);
  EXPECT_EQ(platform::oldest_generation().ymodem_block, 128u);
}

TEST(Generations, VendorRequestsChangedTheirNumbers) {
  EXPECT_EQ(generation_of("0.5.5")->vendor, VendorScheme::none);
  EXPECT_EQ(generation_of("0.6.0")->vendor, VendorScheme::numbers_1);
  EXPECT_EQ(generation_of("0.6.1")->vendor, VendorScheme::numbers_10);
  EXPECT_EQ(generation_of("0.7.0")->vendor, VendorScheme::numbers_10);
  EXPECT_EQ(generation_of("0.8.0-rc.2")->vendor, VendorScheme::asynchronous);
}

TEST(Generations, OnlyThe05SeriesTakesNoBootloader) {
  for (const auto& generation : platform::system_generations()) {
    const bool is_05 = generation.from[0] == 0 && generation.from[1] == 5;
    EXPECT_EQ(generation.takes_bootloader, !is_05) << generation.releases;
  }
}

}  // namespace
