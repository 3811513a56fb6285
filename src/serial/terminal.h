// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What libserialport leaves to do on the operating system's side of a port. On systems without
// POSIX terminals these do nothing.

#include <string>
#include <string_view>

namespace serial {

// "usb:1-2.4" out of the resolved path of a port's device in Linux's sysfs, which ends in the USB
// interface: ".../usb1/1-2/1-2.4/1-2.4:1.0". Empty if the port is none of a USB device.
std::string usb_port_of(std::string_view device_path);

// Makes the open terminal `handle` ours alone, by flock() and TIOCEXCL. False: another program has
// it. libserialport 0.1.1 opens without either.
bool claim_terminal(int handle);

// Asks that closing the terminal does not wait for bytes that the device does not take. Linux waits
// up to 30 s for them by default (closing_wait), and lets only root change that; a refusal is
// ignored, because dropping the output before closing does the same where the driver can.
void do_not_linger(int handle);

}  // namespace serial
