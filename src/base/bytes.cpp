// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"

#include <fmt/format.h>

#include <algorithm>

namespace base {

std::uint16_t load_le16(ByteView from, std::size_t offset) {
  return static_cast<std::uint16_t>(from[offset] | from[offset + 1] << 8);
}

std::uint32_t load_le32(ByteView from, std::size_t offset) {
  return load_le16(from, offset) | static_cast<std::uint32_t>(load_le16(from, offset + 2)) << 16;
}

std::uint32_t load_be32(ByteView from, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | from[offset + i];
  return value;
}

void store_le16(std::span<std::uint8_t> to, std::size_t offset, std::uint16_t value) {
  to[offset] = static_cast<std::uint8_t>(value);
  to[offset + 1] = static_cast<std::uint8_t>(value >> 8);
}

void store_le32(std::span<std::uint8_t> to, std::size_t offset, std::uint32_t value) {
  store_le16(to, offset, static_cast<std::uint16_t>(value));
  store_le16(to, offset + 2, static_cast<std::uint16_t>(value >> 16));
}

void append_le(Bytes& to, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

void store_be32(std::span<std::uint8_t> to, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    to[offset + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  }
}

bool is_blank(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xFF; });
}

ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string as_text(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

std::string hex32(std::uint32_t value) { return fmt::format("0x{:08x}", value); }

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t b : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", b);
  return text;
}

namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Length of the UTF-8 sequence at the start of `text`, 0 if it is not one that may be printed.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (length == 2 && first == 0xC2 && at(1) < 0xA0) return 0;   // C1 control characters
  if (length == 3 && first == 0xE0 && at(1) < 0xA0) return 0;   // overlong
  if (length == 3 && first == 0xED && at(1) >= 0xA0) return 0;  // surrogates
  if (length == 3 && first == 0xE2 && (at(1) == 0x80 || at(1) == 0x81))
    return 0;                                                   // direction marks
  if (length == 4 && first == 0xF0 && at(1) < 0x90) return 0;   // overlong
  if (length == 4 && first == 0xF4 && at(1) >= 0x90) return 0;  // beyond Unicode
  return length;
}

}  // namespace

Bytes from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto c = static_cast<std::uint8_t>(text.front());
    std::size_t length = c >= 0x20 && c < 0x7F ? 1 : 0;
    if (length == 0 && c >= 0x80) length = utf8_length(text);
    if (length == 0) {
      clean += '?';
      text.remove_prefix(1);
    } else {
      clean += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return clean;
}

}  // namespace base
