// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(LoadAndStore, KeepTheByteOrderTheyName) {
  Bytes bytes(10, 0);
  store_le16(bytes, 0, 0x1234);
  store_le32(bytes, 2, 0xA1B2C3D4);
  store_be32(bytes, 6, 0xA1B2C3D4);
  EXPECT_EQ(bytes, (Bytes{0x34, 0x12, 0xD4, 0xC3, 0xB2, 0xA1, 0xA1, 0xB2, 0xC3, 0xD4}));
  EXPECT_EQ(load_le16(bytes, 0), 0x1234);
  EXPECT_EQ(load_le32(bytes, 2), 0xA1B2C3D4U);
  EXPECT_EQ(load_be32(bytes, 6), 0xA1B2C3D4U);
}

TEST(IsBlank, IsTrueOnlyForErasedFlash) {
  EXPECT_TRUE(is_blank(Bytes(16, 0xFF)));
  EXPECT_TRUE(is_blank({}));
  EXPECT_FALSE(is_blank(Bytes{0xFF, 0xFE}));
}

TEST(Hex, GoesBothWaysAndRefusesWhatIsNotHex) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0xAB, 0x7F}), "00ab7f");
  EXPECT_EQ(from_hex("00AB7f"), (Bytes{0x00, 0xAB, 0x7F}));
  EXPECT_TRUE(from_hex("abc").empty());
  EXPECT_TRUE(from_hex("zz").empty());
  EXPECT_EQ(hex32(0x08020000), "0x08020000");
}

TEST(Printable, MakesEscapeSequencesHarmless) {
  EXPECT_EQ(printable("a\x1b[31mb\r\n"), "a?[31mb??");
}

TEST(Printable, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(printable("\xC3\xA4"), "\xC3\xA4");
  EXPECT_EQ(printable("\xC3"), "?");
  EXPECT_EQ(printable("\xFF\xC0\x80"), "???");
  EXPECT_EQ(printable("\xC2\x9B"), "??") << "a C1 control character";
  EXPECT_EQ(printable("\xE2\x80\xAE"), "???") << "a right-to-left override";
}

}  // namespace
}  // namespace base
