// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/checksum.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// The check values of the CRC catalogue (CRC-32/ISO-HDLC) and of FIPS 180-4.
TEST(Crc32, IsTheOneOfIeee8023) { EXPECT_EQ(crc32(as_bytes("123456789")), 0xCBF43926U); }

TEST(Crc32, OfNothingMoreIsWhatItWas) {
  EXPECT_EQ(crc32({}), 0U);
  EXPECT_EQ(crc32({}, 0xCBF43926U), 0xCBF43926U);
}

TEST(Crc32, CanBeContinued) {
  EXPECT_EQ(crc32(as_bytes("6789"), crc32(as_bytes("12345"))), 0xCBF43926U);
}

TEST(Sha256, IsTheOneOfFips1804) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfAPrefixAndOfTheWholeAreThoseOfEachAlone) {
  const ByteView bytes = as_bytes("a module, its suffix, and its CRC");
  for (const std::size_t prefix : {std::size_t{0}, std::size_t{8}, bytes.size()}) {
    const PrefixSha256 both = sha256_of_prefix_and_whole(bytes, prefix);
    EXPECT_EQ(both.prefix, sha256(bytes.first(prefix)));
    EXPECT_EQ(both.whole, sha256(bytes));
  }
}

}  // namespace
}  // namespace base
