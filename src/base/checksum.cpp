// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/checksum.h"

#include <openssl/sha.h>
#include <zlib.h>

namespace base {

std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
  return static_cast<std::uint32_t>(::crc32_z(seed, bytes.data(), bytes.size()));
}

Sha256 sha256(ByteView bytes) {
  Sha256 digest{};
  ::SHA256(bytes.data(), bytes.size(), digest.data());
  return digest;
}

}  // namespace base
