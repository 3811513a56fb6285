// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/foreign_letters.h"

#include "station/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using station::foreign_letter;

TEST(ForeignLetter, IsFineInQuotesAndComments) {
  EXPECT_EQ(foreign_letter(""), std::nullopt);
  EXPECT_EQ(foreign_letter("a = 1 # M\u00fcnchen\n"), std::nullopt);
  EXPECT_EQ(foreign_letter("\ufeffa = \"M\u00fcnchen\""), std::nullopt);
  EXPECT_EQ(foreign_letter("a = '\u00fc' # \u00fc"), std::nullopt);
  EXPECT_EQ(foreign_letter("a = \"\\\"\u00fc\""), std::nullopt);
  EXPECT_EQ(foreign_letter("a = \"\"\"x\n\u00fc \"q\" \u00fc\"\"\"\nb = 1"), std::nullopt);
  EXPECT_EQ(foreign_letter("a = '''\u00fc\n'\u00fc'''"), std::nullopt);
}

TEST(ForeignLetter, IsFoundOutsideOfThem) {
  EXPECT_EQ(foreign_letter("\u00fc = 1"), 0U);
  EXPECT_EQ(foreign_letter("a = \"x\" \u00fc"), 8U);
  EXPECT_EQ(foreign_letter("a = \"\"\u00fc"), 6U);
  EXPECT_EQ(foreign_letter("a = 5x\"\u00fc\""), 7U);  // no string begins behind a letter
  EXPECT_EQ(foreign_letter("# \u00fc\n\u00fc"), 5U);
  EXPECT_EQ(foreign_letter("a = \"x\n\u00fc"), 7U);  // the string ended with its line
}

TEST(StationConfigText, NamesTheLineOfALetterThatTomlDoesNotHave) {
  const auto config = station::parse_config("# one\nstation = \"a\"\nz\u00fcrich = 1\n", "s.toml");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, testing::StartsWith("s.toml:3:2: a letter beyond ASCII"));
}

}  // namespace
