// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/style.h"

#include <gtest/gtest.h>

namespace report {
namespace {

TEST(Paint, LeavesTextAloneWithoutColour) {
  EXPECT_EQ(paint({false, 80}, Tone::bad, "text"), "text");
}

TEST(Paint, EndsEveryColour) {
  EXPECT_EQ(paint({true, 80}, Tone::good, "ok"), "\x1b[32mok\x1b[0m");
}

TEST(PaintLed, ColoursASignalByTheColourItNames) {
  EXPECT_EQ(paint_led({true, 80}, "blinking yellow"), "\x1b[1;33mblinking yellow\x1b[0m");
  EXPECT_EQ(paint_led({true, 80}, "dark"), "dark");
}

TEST(Columns, CountsNeitherEscapesNorContinuationBytes) {
  EXPECT_EQ(columns("\x1b[32mab\x1b[0m"), 2U);
  EXPECT_EQ(columns("\xC3\xA4\xE2\x89\xA5"), 2U);
}

TEST(Table, AlignsColumnsAndDropsTrailingBlanks) {
  EXPECT_EQ(table({{"a", "bb", ""}, {"ccc", "d", "e"}}, 1), " a    bb\n ccc  d   e\n");
}

TEST(Table, AlignsColouredCellsLikePlainOnes) {
  const Style style{true, 80};
  EXPECT_EQ(table({{paint(style, Tone::good, "x"), "1"}, {"yyy", "2"}}, 0),
            "\x1b[32mx\x1b[0m    1\nyyy  2\n");
}

TEST(Table, BreaksTheLastCellWhereATerminalIsTooNarrow) {
  const std::vector<std::vector<std::string>> rows{
      {"system part 1", "2.3.1", "written, read back, equal, and so on to the end"}, {"", "x"}};
  const Style wide{.colour = false, .width = 100};
  EXPECT_EQ(table(rows, 2, wide), table(rows, 2));
  for (const int width : {40, 60}) {
    const std::string text = table(rows, 2, {.colour = false, .width = width});
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_LE(end - at, static_cast<std::size_t>(width)) << text;
      at = end + 1;
    }
    EXPECT_NE(text.find("to the end"), std::string::npos);
  }
  const Style pipe{.colour = false, .width = 0};
  EXPECT_EQ(table(rows, 2, pipe), table(rows, 2));
}

TEST(Table, GivesNothingALineOfItsOwn) {
  const std::string text = table({{"user part", "application of a long name", "-"},
                                  {"system part 2", "2.3.1", "part 1 >= 2302, bootloader >= 1003"}},
                                 0, {.colour = false, .width = 50});
  EXPECT_NE(text.find("\n    part 1 >= 2302"), std::string::npos) << text;
  EXPECT_EQ(text.find("\n    -"), std::string::npos) << text;
}

TEST(Wrap, BreaksAtSpacesAndIndentsWhatFollows) {
  EXPECT_EQ(wrap("one two three four", 9, 2), "one two\n  three\n  four");
}

TEST(Wrap, LeavesAWordThatIsTooLongWhole) {
  EXPECT_EQ(wrap("abcdefghij kl", 5, 0), "abcdefghij\nkl");
}

TEST(HumanUnits, AreTheOnesPeopleUse) {
  EXPECT_EQ(human_bytes(1023), "1023 bytes");
  EXPECT_EQ(human_bytes(123712), "120.8 KiB");
  EXPECT_EQ(human_bytes(2 * 1024 * 1024), "2.0 MiB");
  EXPECT_EQ(human_seconds(0.35), "350 ms");
  EXPECT_EQ(human_seconds(1.26), "1.3 s");
  EXPECT_EQ(human_seconds(125), "2 min 05 s");
  EXPECT_EQ(human_rate(204800, 2), "100.0 KiB/s");
  EXPECT_EQ(human_rate(1, 0), "-");
}

}  // namespace
}  // namespace report
