// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/terminal.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#endif
#ifdef __linux__
#include <linux/serial.h>
#endif

namespace serial {
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
