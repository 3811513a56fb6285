// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/device_info.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace usb {

std::string to_string(const PortPath& path) {
  return fmt::format("usb:{}-{}", path.bus, fmt::join(path.ports, "."));
}

bool parse_port_path(std::string_view text, PortPath& path) {
  if (text.starts_with("usb:")) text.remove_prefix(4);
  PortPath parsed;
  const char* const end = text.data() + text.size();
  const auto bus = std::from_chars(text.data(), end, parsed.bus);
  if (bus.ec != std::errc() || bus.ptr == end || *bus.ptr != '-' || parsed.bus < 0) return false;
  const char* at = bus.ptr;
  do {
    std::uint8_t port = 0;
    const auto number = std::from_chars(at + 1, end, port);
    if (number.ec != std::errc()) return false;
    parsed.ports.push_back(port);
    at = number.ptr;
  } while (at != end && *at == '.');
  if (at != end) return false;
  path = std::move(parsed);
  return true;
}

}  // namespace usb
