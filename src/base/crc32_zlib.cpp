// SPDX-License-Identifier: GPL-3.0-or-later
//
// For Windows: Debian has zlib for MinGW, and no libdeflate.
#include "base/checksum.h"

#include <fmt/format.h>
#include <zlib.h>

namespace base {

std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
  // Without an address it begins anew.
  if (bytes.empty()) return seed;
  return static_cast<std::uint32_t>(::crc32_z(seed, bytes.data(), bytes.size()));
}

std::string crc32_maker() { return fmt::format("zlib {}", ::zlibVersion()); }

}  // namespace base
