// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/identity.h"

#include "base/ascii.h"
#include "base/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace discovery {
namespace {

constexpr std::size_t kIdDigits = 24;
constexpr std::size_t kShortestPrefix = 6;

bool all_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool looks_like_serial_path(std::string_view text) {
  if (text.starts_with('/')) return true;
  return text.size() > 3 && base::lower(text.substr(0, 3)) == "com" &&
         std::all_of(text.begin() + 3, text.end(), [](unsigned char c) { return std::isdigit(c); });
}

base::Error bad_selector(std::string_view text, std::string_view why) {
  return base::make_error(
      base::Errc::usage, "bad-selector", fmt::format("--device {}: {}", base::printable(text), why),
      "give usb:BUS-PORT, a device id (6 to 24 hex digits), or the path of a serial port; "
      "`electron-rescue list` shows them");
}

}  // namespace

std::string_view name(Mode mode) {
  switch (mode) {
    case Mode::dfu:
      return "dfu";
    case Mode::serial:
      return "serial";
    case Mode::listening:
      return "listening";
  }
  return "unknown";
}

std::string id_from_serial(std::string_view serial) {
  if (serial.size() != kIdDigits || !all_hex(serial)) return {};
  return base::lower(serial);
}

base::Result<Selector> parse_selector(std::string_view text) {
  Selector selector;
  selector.text = std::string(text);
  if (text.empty()) return selector;
  usb::PortPath port;
  if (usb::parse_port_path(text, port)) {
    selector.port = port;
    return selector;
  }
  if (text.starts_with("usb:")) return bad_selector(text, "not a port such as usb:1-2.4");
  if (all_hex(text)) {
    if (text.size() < kShortestPrefix) return bad_selector(text, "too few digits of a device id");
    if (text.size() > kIdDigits) return bad_selector(text, "a device id has 24 digits");
    selector.id_prefix = base::lower(text);
    return selector;
  }
  if (looks_like_serial_path(text)) {
    selector.serial_path = std::string(text);
    return selector;
  }
  return bad_selector(text, "neither a port nor a device id nor a serial port");
}

bool matches(const Selector& selector, const Device& device) {
  if (selector.port) return *selector.port == device.port();
  if (!selector.id_prefix.empty()) return device.id.starts_with(selector.id_prefix);
  if (!selector.serial_path.empty()) {
    // Or a link to it, such as those in /dev/serial/by-id.
    return device.serial_path == selector.serial_path ||
           (!device.serial_path.empty() &&
            device.serial_path == base::canonical_path(selector.serial_path));
  }
  return true;
}

std::string selection_line(const Device& device) {
  std::string line =
      fmt::format("--device {:<10} {:<6}", usb::to_string(device.port()), name(device.mode));
  if (!device.id.empty()) line += "  " + device.id;
  if (!device.serial_path.empty()) line += "  " + base::printable(device.serial_path);
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

bool different_device(const Device& before, const Device& now) {
  if (!before.id.empty() && !now.id.empty()) return before.id != now.id;
  // Bootloaders show the device's id since version 8, and none of those is ever replaced by an
  // older one (device-os v0.6.3, v0.6.4: hal/src/stm32f2xx/bootloader.cpp goes back to 11 at most).
  return before.mode == Mode::dfu && now.mode == Mode::dfu &&
         now.info.bcd_device < before.info.bcd_device;
}

}  // namespace discovery
