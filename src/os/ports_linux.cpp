// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/ports_linux.h"

#include "os/kernel_linux.h"
#include "os/ports_posix.h"

#include <algorithm>
#include <charconv>
#include <linux/serial.h>
#include <sys/ioctl.h>
#include <termios.h>

namespace os {
namespace {

namespace fs = std::filesystem;

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
Number number_in(const std::string& name, int base) {
  const std::string text = kernel_text(name);
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

Outcome<std::vector<PortInfo>> ports_in_sysfs(const std::string& folder) {
  std::error_code error;
  std::vector<PortInfo> ports;
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    // One link is read of each terminal, not its whole path: a computer has dozens, and a station
    // lists them at each change of the bus.
    std::error_code vanished;
    const std::string interface = (it->path() / "device").native();
    PortInfo port;
    port.usb_port = usb_port_of(fs::read_symlink(interface, vanished).native());
    if (vanished || port.usb_port.empty()) continue;
    const std::string device = interface + "/..";
    port.path = "/dev/" + it->path().filename().native();
    port.vendor = number_in<std::uint16_t>(device + "/idVendor", 16);
    port.product = number_in<std::uint16_t>(device + "/idProduct", 16);
    port.usb_serial = kernel_text(device + "/serial");
    port.usb_interface = number_in<int>(interface + "/bInterfaceNumber", 16);
    if (port.vendor != 0) ports.push_back(std::move(port));
  }
  if (error) return tl::unexpected(error);
  std::sort(ports.begin(), ports.end(),
            [](const PortInfo& a, const PortInfo& b) { return a.path < b.path; });
  return ports;
}

Outcome<std::vector<PortInfo>> usb_serial_ports() { return ports_in_sysfs("/sys/class/tty"); }

bool is_exclusive(int descriptor) {
  int exclusive = 0;
  return ::ioctl(descriptor, TIOCGEXCL, &exclusive) == 0 && exclusive != 0;
}

void close_without_waiting(int descriptor) {
  serial_struct settings{};
  if (::ioctl(descriptor, TIOCGSERIAL, &settings) != 0) return;
  settings.closing_wait = ASYNC_CLOSING_WAIT_NONE;
  ::ioctl(descriptor, TIOCSSERIAL, &settings);
}

}  // namespace os
