// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Bytes and their order. Wire data is taken apart here and nowhere else.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// The caller guarantees that the bytes are there.
std::uint16_t load_le16(ByteView from, std::size_t offset);
std::uint32_t load_le32(ByteView from, std::size_t offset);
std::uint32_t load_be32(ByteView from, std::size_t offset);
void store_le16(std::span<std::uint8_t> to, std::size_t offset, std::uint16_t value);
void store_le32(std::span<std::uint8_t> to, std::size_t offset, std::uint32_t value);
// The lowest `size` bytes of `value`, the lowest first.
void append_le(Bytes& to, std::uint32_t value, std::size_t size);
void store_be32(std::span<std::uint8_t> to, std::size_t offset, std::uint32_t value);

// True if every byte is 0xFF: erased flash. True for no bytes at all.
bool is_blank(ByteView bytes);

ByteView as_bytes(std::string_view text);
std::string as_text(ByteView bytes);

// "0x08020000": an address as people and JSON documents write it.
std::string hex32(std::uint32_t value);
// Lower-case hexadecimal digits, two a byte.
std::string to_hex(ByteView bytes);
// The reverse; empty if the text is not pairs of hexadecimal digits.
Bytes from_hex(std::string_view text);

// Text from a device or a file name made fit for a terminal: control characters and bytes that are
// not UTF-8 become '?'.
std::string printable(std::string_view text);

}  // namespace base
