// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/terminal.h"

#include <cerrno>
#include <utility>

#if defined(__unix__) || defined(__APPLE__)
#define ER_HAS_TERMINALS
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#endif
#ifdef __linux__
#include <linux/serial.h>
#endif

namespace serial {

std::optional<TerminalClaim> TerminalClaim::take(const std::string& path, int& system_error) {
#ifdef ER_HAS_TERMINALS
  TerminalClaim claim(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (claim.handle_ < 0) {
    system_error = errno;
    return std::nullopt;
  }
  system_error = EBUSY;
  if (::flock(claim.handle_, LOCK_EX | LOCK_NB) != 0) return std::nullopt;
#ifdef TIOCGEXCL
  // TIOCEXCL does not keep root out, so root has to look.
  int exclusive = 0;
  if (::ioctl(claim.handle_, TIOCGEXCL, &exclusive) == 0 && exclusive != 0) return std::nullopt;
#endif
  return claim;
#else
  static_cast<void>(path);
  static_cast<void>(system_error);
  return TerminalClaim(-1);
#endif
}

TerminalClaim::TerminalClaim(TerminalClaim&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), shut_(std::exchange(other.shut_, false)) {}

TerminalClaim& TerminalClaim::operator=(TerminalClaim&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(shut_, other.shut_);
  return *this;
}

TerminalClaim::~TerminalClaim() {
#ifdef ER_HAS_TERMINALS
  if (handle_ < 0) return;
  // It would outlast us where a program that does not lock has the terminal open as well.
  if (shut_) ::ioctl(handle_, TIOCNXCL);
  ::close(handle_);
#endif
}

void TerminalClaim::shut_others_out() {
#ifdef ER_HAS_TERMINALS
  // Terminals that cannot be exclusive are still locked.
  shut_ = handle_ >= 0 && ::ioctl(handle_, TIOCEXCL) == 0;
#endif
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
