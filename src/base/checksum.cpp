// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/checksum.h"

#include <zlib.h>

namespace base {

std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
  return static_cast<std::uint32_t>(::crc32_z(seed, bytes.data(), bytes.size()));
}

}  // namespace base
