// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usb {

// Where a device is plugged in: bus number and chain of hub ports. Stays the same across
// re-enumeration, unlike the device address, and identifies a device whose serial string is the
// same on every unit (bootloaders and system firmware up to 0.5.5).
struct PortPath {
  int bus = 0;
  std::vector<std::uint8_t> ports;
  bool operator==(const PortPath&) const = default;
  // Written out: vectors have no <=> in libc++ 16.
  std::strong_ordering operator<=>(const PortPath& other) const {
    if (const auto buses = bus <=> other.bus; buses != 0) return buses;
    if (ports == other.ports) return std::strong_ordering::equal;
    return ports < other.ports ? std::strong_ordering::less : std::strong_ordering::greater;
  }
};

// "usb:1-2.4"
std::string to_string(const PortPath& path);
// Reads "usb:1-2.4" or "1-2.4". Returns false if it is no port path.
bool parse_port_path(std::string_view text, PortPath& path);

// What the operating system knows of a device without opening it.
struct DeviceInfo {
  PortPath port;
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint16_t bcd_device = 0;
  std::uint8_t serial_string = 0;  // index of its serial string to ask the device for, 0 = none
  // The serial string where the system has it already, empty if the device has none; then the
  // device need not be asked.
  std::optional<std::string> serial = {};
  // Changes with every enumeration: tells two arrivals apart, no identity.
  std::uint8_t address = 0;
};

}  // namespace usb
