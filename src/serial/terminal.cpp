// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/terminal.h"

#include <algorithm>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#endif
#ifdef __linux__
#include <linux/serial.h>
#endif

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

bool claim_terminal(int handle) {
#if defined(__unix__) || defined(__APPLE__)
  if (::flock(handle, LOCK_EX | LOCK_NB) != 0) return false;
#ifdef TIOCGEXCL
  // TIOCEXCL does not keep root out, so root has to look.
  int exclusive = 0;
  if (::ioctl(handle, TIOCGEXCL, &exclusive) == 0 && exclusive != 0) return false;
#endif
  // Terminals that cannot be exclusive are still locked.
  ::ioctl(handle, TIOCEXCL);
#else
  static_cast<void>(handle);
#endif
  return true;
}

void do_not_linger(int handle) {
#ifdef __linux__
  serial_struct settings{};
  if (::ioctl(handle, TIOCGSERIAL, &settings) != 0) return;
  settings.closing_wait = ASYNC_CLOSING_WAIT_NONE;
  ::ioctl(handle, TIOCSSERIAL, &settings);
#else
  static_cast<void>(handle);
#endif
}

}  // namespace serial
