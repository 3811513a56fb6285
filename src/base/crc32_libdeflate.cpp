// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/checksum.h"

#include <fmt/format.h>
#include <libdeflate.h>

namespace base {

std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
  // Without an address it begins anew.
  if (bytes.empty()) return seed;
  return ::libdeflate_crc32(seed, bytes.data(), bytes.size());
}

std::string crc32_maker() { return fmt::format("libdeflate {}", LIBDEFLATE_VERSION_STRING); }

}  // namespace base
