// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// USB/IP as the kernel's side writes and reads it, for tests.

#include "base/bytes.h"

#include <array>
#include <cstdint>

namespace usbip_messages {

inline constexpr std::size_t kHeaderSize = 48;

struct Submit {
  std::uint32_t sequence = 1;
  bool in = false;
  std::uint32_t endpoint = 0;
  std::uint32_t length = 0;
  std::array<std::uint8_t, 8> setup{};
  base::Bytes data;
};

inline base::Bytes submit(const Submit& what) {
  base::Bytes bytes(kHeaderSize, 0);
  base::store_be32(bytes, 0, 1);
  base::store_be32(bytes, 4, what.sequence);
  base::store_be32(bytes, 8, 0x00010002);
  base::store_be32(bytes, 12, what.in ? 1 : 0);
  base::store_be32(bytes, 16, what.endpoint);
  base::store_be32(bytes, 24, what.in ? what.length : static_cast<std::uint32_t>(what.data.size()));
  for (std::size_t i = 0; i < what.setup.size(); ++i) bytes[40 + i] = what.setup[i];
  if (!what.in) bytes.insert(bytes.end(), what.data.begin(), what.data.end());
  return bytes;
}

inline base::Bytes unlink(std::uint32_t sequence, std::uint32_t victim) {
  base::Bytes bytes(kHeaderSize, 0);
  base::store_be32(bytes, 0, 2);
  base::store_be32(bytes, 4, sequence);
  base::store_be32(bytes, 20, victim);
  return bytes;
}

struct Reply {
  std::uint32_t command = 0;  // 3: of a submit, 4: of an unlink
  std::uint32_t sequence = 0;
  std::int32_t status = 0;
  std::uint32_t transferred = 0;
};

// The header at `offset`.
inline Reply reply(base::ByteView bytes, std::size_t offset) {
  return {.command = base::load_be32(bytes, offset),
          .sequence = base::load_be32(bytes, offset + 4),
          .status = static_cast<std::int32_t>(base::load_be32(bytes, offset + 20)),
          .transferred = base::load_be32(bytes, offset + 24)};
}

}  // namespace usbip_messages
