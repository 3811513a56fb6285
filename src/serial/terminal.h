// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What libserialport leaves to do on the operating system's side of a port. On systems without
// POSIX terminals these do nothing.

#include <optional>
#include <string>

namespace serial {

// The right to a terminal while it lives, by flock() and TIOCEXCL on an opening of its own: an
// opening by libserialport sets the line up, which would disturb another program that has it.
class TerminalClaim {
 public:
  // None: `system_error` says why, EBUSY if another program has the terminal.
  static std::optional<TerminalClaim> take(const std::string& path, int& system_error);
  TerminalClaim(TerminalClaim&& other) noexcept;
  TerminalClaim& operator=(TerminalClaim&& other) noexcept;
  ~TerminalClaim();

  // From now on nobody else can open it, but for root. After our own openings.
  void shut_others_out();

 private:
  explicit TerminalClaim(int handle) : handle_(handle) {}
  int handle_ = -1;
  bool shut_ = false;
};

// Asks that closing the terminal does not wait for bytes that the device does not take. Linux waits
// up to 30 s for them by default (closing_wait), and lets only root change that. Dropping the
// output helps where the driver can (not in cdc_acm of Linux 6.1), so for other users the wait
// remains.
void do_not_linger(int handle);

}  // namespace serial
