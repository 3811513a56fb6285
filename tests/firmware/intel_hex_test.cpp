// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/intel_hex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace firmware {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

base::Result<std::vector<HexSegment>> parse(const std::string& text) {
  return parse_intel_hex(base::as_bytes(text));
}

std::string why(const std::string& text) {
  const auto parsed = parse(text);
  EXPECT_FALSE(parsed) << text;
  if (parsed) return {};
  EXPECT_EQ(parsed.error().id, "bad-hex");
  return parsed.error().message;
}

// The example of the format's own specification, and ours.
TEST(IntelHex, ReadsDataAtItsAddress) {
  const auto parsed = parse(
      ":10010000214601360121470136007EFE09D2190140\n"
      ":100110002146017E17C20001FF5F16002148011928\n"
      ":00000001FF\n");
  ASSERT_TRUE(parsed);
  ASSERT_THAT(*parsed, SizeIs(1));
  EXPECT_EQ(parsed->front().address, 0x0100U);
  EXPECT_THAT(parsed->front().bytes, SizeIs(32));
  EXPECT_EQ(parsed->front().bytes[0], 0x21);
}

TEST(IntelHex, ReadsBothKindsOfBaseAddress) {
  const auto linear = parse(":020000040802F0\n:0100000042BD\n:00000001FF\n");
  ASSERT_TRUE(linear);
  EXPECT_EQ(linear->front().address, 0x08020000U);
  const auto segment = parse(":020000021000EC\n:0100000042BD\n:00000001FF\n");
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->front().address, 0x00010000U);
}

TEST(IntelHex, JoinsNeighboursInWhateverOrderTheyCome) {
  const auto parsed = parse(":0100010002FC\n:0100000001FE\n:0100100003EC\n:00000001FF\n");
  ASSERT_TRUE(parsed);
  ASSERT_THAT(*parsed, SizeIs(2));
  EXPECT_EQ(parsed->front().bytes, (base::Bytes{1, 2}));
}

TEST(IntelHex, DoesNotMindLineEndsBlanksOrStartAddresses) {
  EXPECT_TRUE(parse("\r\n :0100000042BD \r\n:040000050802019557\r\n\r\n:00000001FF"));
}

TEST(IntelHex, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(why(":0100000042BE\n:00000001FF\n"), HasSubstr("line 1"));
  EXPECT_THAT(why(":0100000042BE\n:00000001FF\n"), HasSubstr("wrong checksum"));
  EXPECT_THAT(why(":0200000042BC\n:00000001FF\n"), HasSubstr("length"));
  EXPECT_THAT(why(":0100000042BD\nhello\n"), HasSubstr("line 2"));
  EXPECT_THAT(why(":0100000042BD\n:0g000001FF\n"), HasSubstr("hexadecimal"));
  EXPECT_THAT(why(":0100000042BD\n"), HasSubstr("cut short"));
  EXPECT_THAT(why(""), HasSubstr("cut short"));
  EXPECT_THAT(why(":0100000042BD\n:0100000042BD\n:00000001FF\n"), HasSubstr("twice"));
  EXPECT_THAT(why(":00000001FF\n:0100000042BD\n"), HasSubstr("behind the end"));
  EXPECT_THAT(why(":0100000642B7\n:00000001FF\n"), HasSubstr("unknown record"));
  EXPECT_THAT(why(":01000004FFFC\n:00000001FF\n"), HasSubstr("base address"));
  EXPECT_THAT(why(":02000004FFFFFC\n:02FFFF00010 2FD\n:00000001FF\n"), HasSubstr("hexadecimal"));
  EXPECT_THAT(why(":02000004FFFFFC\n:02FFFF000102FD\n:00000001FF\n"),
              HasSubstr("beyond the address space"));
}

TEST(IntelHex, RefusesDataBehindBothKindsOfBaseAddress) {
  const std::string segment_behind =
      ":020000040802F0\n:020000021000EC\n:0100000042BD\n:00000001FF\n";
  EXPECT_THAT(why(segment_behind), HasSubstr("line 3"));
  EXPECT_THAT(why(segment_behind), HasSubstr("both kinds"));
  EXPECT_THAT(why(":020000021000EC\n:020000040802F0\n:0100000042BD\n:00000001FF\n"),
              HasSubstr("both kinds"));
  EXPECT_THAT(why(":020000040802F0\n:020000020000FC\n:0100000042BD\n:00000001FF\n"),
              HasSubstr("both kinds"));
}

// As objcopy writes a file that begins below a megabyte and goes on above.
TEST(IntelHex, TakesALinearBaseBehindASegmentBaseOfZero) {
  const auto parsed = parse(":020000020000FC\n:020000040802F0\n:0100000042BD\n:00000001FF\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->front().address, 0x08020000U);
}

TEST(IntelHex, RefusesDataThatPassesTheEndOfItsSegment) {
  EXPECT_THAT(why(":020000021000EC\n:02FFFF000102FD\n:00000001FF\n"),
              HasSubstr("end of its segment"));
  EXPECT_TRUE(parse(":020000021000EC\n:02FFFE000102FE\n:00000001FF\n"));
  EXPECT_TRUE(parse(":020000040802F0\n:02FFFF000102FD\n:00000001FF\n"));
}

TEST(IntelHex, IsKnownByItsFirstLine) {
  EXPECT_TRUE(is_intel_hex(base::as_bytes(":020000040802F0\n:01")));
  EXPECT_FALSE(is_intel_hex(base::as_bytes(": a list of things\n")));
  EXPECT_FALSE(is_intel_hex(base::as_bytes(":0200")));
  EXPECT_FALSE(is_intel_hex({}));
}

}  // namespace
}  // namespace firmware
