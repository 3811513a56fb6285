// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/duration.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesANumberWithAUnit) {
  EXPECT_EQ(sim::parse_duration("300us"), 300us);
  EXPECT_EQ(sim::parse_duration("150ms"), 150ms);
  EXPECT_EQ(sim::parse_duration("3s"), 3s);
  EXPECT_EQ(sim::parse_duration("1.5s"), 1500ms);
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"", "3", "s", "3 s", "3min", "-1s", "nan", "infs", "1e30s", "3sx"}) {
    EXPECT_FALSE(sim::parse_duration(text)) << text;
  }
}

TEST(DurationText, IsReadBackAsItIs) {
  for (const base::Micros time : {base::Micros(300us), base::Micros(1500ms), base::Micros(2s)}) {
    EXPECT_EQ(sim::parse_duration(sim::duration_text(time)), time);
  }
  EXPECT_EQ(sim::duration_text(1500ms), "1500ms");
}

TEST(ParseDecimal, TakesDigitsAndOnePoint) {
  EXPECT_EQ(sim::parse_decimal("0.25"), 0.25);
  EXPECT_EQ(sim::parse_decimal("12"), 12);
  for (const char* text : {"", ".", "1.2.3", "-1", "1e3", "nan"}) {
    EXPECT_FALSE(sim::parse_decimal(text)) << text;
  }
}

}  // namespace
