// SPDX-License-Identifier: GPL-3.0-or-later
//
// Linux and macOS.
#include "os/ports_posix.h"

#include "os/device_tree.h"
#include "os/ports.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace os {

std::string port_name(const std::string& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::canonical(path, error);
  return error ? path : resolved.native();
}

PortFault port_fault(int system_error) {
  switch (system_error) {
    case EACCES:
    case EPERM:
      return PortFault::denied;
    case EBUSY:
      return PortFault::busy;
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case EIO:  // what a terminal says whose device was unplugged
      return PortFault::gone;
    default:
      return PortFault::other;
  }
}

std::optional<PortClaim> PortClaim::take(const std::string& path, int& system_error) {
  PortClaim claim(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (claim.handle_ < 0) {
    system_error = errno;
    return std::nullopt;
  }
  system_error = EBUSY;
  if (::flock(claim.handle_, LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  if (is_exclusive(claim.handle_)) return std::nullopt;
  return claim;
}

PortClaim::~PortClaim() {
  if (handle_ < 0) return;
  // It would outlast us where a program that does not lock has the terminal open as well.
  if (shut_) ::ioctl(handle_, TIOCNXCL);
  ::close(handle_);
}

void PortClaim::shut_others_out() {
  // Terminals that cannot be exclusive are still locked.
  shut_ = handle_ >= 0 && ::ioctl(handle_, TIOCEXCL) == 0;
}

void PortClaim::do_not_linger() {
  if (handle_ >= 0) close_without_waiting(handle_);
}

std::vector<UsbDriver> usb_drivers(std::uint16_t) { return {}; }

}  // namespace os
