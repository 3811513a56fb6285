// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <string>

namespace base {

// CRC-32 as IEEE 802.3 computes it. Pass the earlier result as `seed` to go on.
std::uint32_t crc32(ByteView bytes, std::uint32_t seed = 0);

using Sha256 = std::array<std::uint8_t, 32>;
Sha256 sha256(ByteView bytes);

// Of the first `prefix` bytes (no more than there are) and of all of them, in one pass.
struct PrefixSha256 {
  Sha256 prefix{};
  Sha256 whole{};
};
PrefixSha256 sha256_of_prefix_and_whole(ByteView bytes, std::size_t prefix);

// Whose they are, with the version.
std::string crc32_maker();
std::string sha256_maker();

}  // namespace base
