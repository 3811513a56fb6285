// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/sysfs_ports.h"

#include "base/files.h"

#include <algorithm>
#include <charconv>

namespace serial {
namespace {

bool is_port_chain(std::string_view name) {
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size()) return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view bus = name.substr(0, dash);
  const std::string_view ports = name.substr(dash + 1);
  return std::all_of(bus.begin(), bus.end(), digit) && digit(ports.front()) &&
         digit(ports.back()) &&
         std::all_of(ports.begin(), ports.end(), [&](char c) { return digit(c) || c == '.'; });
}

// 0 if it is no number, as when the device has just been unplugged.
template <class Number>
Number number_in(const std::string& path, int base) {
  const std::string text = base::read_kernel_text(path);
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

}  // namespace

std::string usb_port_of(std::string_view device_path) {
  const std::size_t slash = device_path.rfind('/');
  std::string_view name =
      slash == std::string_view::npos ? device_path : device_path.substr(slash + 1);
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {};
  name = name.substr(0, colon);
  if (!is_port_chain(name)) return {};
  return "usb:" + std::string(name);
}

base::Result<std::vector<PortInfo>> ports_in_sysfs(const std::string& folder) {
  const auto names = base::list_names(folder);
  if (!names) {
    return base::make_error(base::Errc::usb_io,
                            "cannot list the serial ports: " + names.error().message,
                            "the system's /sys must be mounted");
  }
  std::vector<PortInfo> ports;
  for (const std::string& name : *names) {
    const std::string interface =
        base::canonical_path(base::join(base::join(folder, name), "device"));
    PortInfo port;
    port.usb_port = usb_port_of(interface);
    if (port.usb_port.empty()) continue;
    const std::string device = interface.substr(0, interface.rfind('/'));
    port.path = "/dev/" + name;
    port.vendor = number_in<std::uint16_t>(device + "/idVendor", 16);
    port.product = number_in<std::uint16_t>(device + "/idProduct", 16);
    port.usb_serial = base::printable(base::read_kernel_text(device + "/serial"));
    port.usb_bus = number_in<int>(device + "/busnum", 10);
    port.usb_address = number_in<int>(device + "/devnum", 10);
    port.usb_interface = number_in<int>(interface + "/bInterfaceNumber", 16);
    if (port.vendor != 0) ports.push_back(std::move(port));
  }
  return ports;
}

}  // namespace serial
