// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/descriptors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace usb {
namespace {

// USB 2.0, tables 9-2, 9-4 and 9-5.
constexpr std::uint8_t kDeviceToHost = 0x80;
constexpr std::uint8_t kGetDescriptor = 0x06;
constexpr std::uint8_t kConfiguration = 0x02;
constexpr std::uint8_t kString = 0x03;
constexpr std::uint16_t kEnglish = 0x0409;
constexpr std::size_t kConfigurationHeader = 9;
constexpr std::size_t kLongestString = 255;  // bLength has one byte

// Much more than any device meant here has (36 to about 200 bytes); only a bound.
constexpr std::size_t kLongestConfiguration = 4096;

// A bootloader in the middle of an erase that an earlier tool has started answers after it: up to 2
// s.
constexpr base::Millis kTimeout{5000};

base::Error nonsense(std::string why) {
  return base::make_error(base::Errc::protocol, std::move(why),
                          "unplug the device, plug it in again and try again");
}

base::Result<base::Bytes> get_descriptor(Transport& transport, std::uint8_t type,
                                         std::uint8_t index, std::uint16_t language,
                                         std::size_t length) {
  base::Bytes bytes(length);
  const ControlSetup setup{.request_type = kDeviceToHost,
                           .request = kGetDescriptor,
                           .value = static_cast<std::uint16_t>(type << 8 | index),
                           .index = language};
  TRY_ASSIGN(const std::size_t got, transport.control_in(setup, bytes, kTimeout));
  bytes.resize(std::min(got, bytes.size()));
  return bytes;
}

base::Result<std::size_t> configuration_length(base::ByteView header) {
  if (header.size() < kConfigurationHeader || header[1] != kConfiguration) {
    return nonsense("the device's configuration descriptor is none");
  }
  const std::size_t total = base::load_le16(header, 2);
  if (total < kConfigurationHeader || total > kLongestConfiguration) {
    return nonsense(
        fmt::format("the device's configuration descriptor says it has {} bytes", total));
  }
  return total;
}

void append_utf8(std::string& text, char32_t c) {
  const auto add = [&](char32_t byte) {
    text += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | c >> 6);
    add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | c >> 12);
    add(0x80 | (c >> 6 & 0x3F));
    add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | c >> 18);
    add(0x80 | (c >> 12 & 0x3F));
    add(0x80 | (c >> 6 & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

bool is_high_surrogate(std::uint16_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint16_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

std::string utf8_from_utf16le(base::ByteView bytes) {
  constexpr char32_t kReplacement = 0xFFFD;
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const std::uint16_t unit = base::load_le16(bytes, i);
    char32_t c = unit;
    if (is_high_surrogate(unit) && i + 3 < bytes.size() &&
        is_low_surrogate(base::load_le16(bytes, i + 2))) {
      c = 0x10000 + ((unit & 0x3FFU) << 10 | (base::load_le16(bytes, i + 2) & 0x3FFU));
      i += 2;
    } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
      c = kReplacement;
    }
    append_utf8(text, c);
  }
  return text;
}

}  // namespace

base::Result<base::Bytes> read_configuration(Transport& transport) {
  TRY_ASSIGN(const base::Bytes header,
             get_descriptor(transport, kConfiguration, 0, 0, kConfigurationHeader));
  TRY_ASSIGN(const std::size_t length, configuration_length(header));
  TRY_ASSIGN(base::Bytes whole, get_descriptor(transport, kConfiguration, 0, 0, length));
  TRY_ASSIGN(const std::size_t again, configuration_length(whole));
  if (whole.size() != length || again != length) {
    return nonsense(fmt::format("the device's configuration descriptor has {} bytes instead of {}",
                                whole.size(), length));
  }
  return whole;
}

base::Result<std::string> read_string(Transport& transport, std::uint8_t index) {
  if (index == 0) return nonsense("the device has no such string");
  TRY_ASSIGN(const base::Bytes descriptor,
             get_descriptor(transport, kString, index, kEnglish, kLongestString));
  return decode_string(descriptor);
}

base::Result<std::string> decode_string(base::ByteView descriptor) {
  constexpr std::size_t kHeader = 2;
  if (descriptor.size() < kHeader || descriptor[0] < kHeader || descriptor[1] != kString) {
    return nonsense("the device's string descriptor is none");
  }
  const std::size_t length = std::min<std::size_t>(descriptor[0], descriptor.size());
  return base::printable(utf8_from_utf16le(descriptor.subspan(kHeader, length - kHeader)));
}

}  // namespace usb
