// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What libserialport leaves to do on the operating system's side of a port. On systems without
// POSIX terminals these do nothing.

namespace serial {

// Makes the open terminal `handle` ours alone, by flock() and TIOCEXCL. False: another program has
// it. libserialport 0.1.1 opens without either.
bool claim_terminal(int handle);

// Asks that closing the terminal does not wait for bytes that the device does not take. Linux waits
// up to 30 s for them by default (closing_wait), and lets only root change that; a refusal is
// ignored, because dropping the output before closing does the same where the driver can.
void do_not_linger(int handle);

}  // namespace serial
