// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The serial ports of USB devices as the system tells of them without opening one, and what else
// libserialport leaves to do on the system's side of a port.

#include "os/files.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace os {

struct PortInfo {
  std::string path;  // "/dev/ttyACM0", "/dev/cu.usbmodem1101", "COM3"
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::string usb_port;    // bus and port chain as usb::to_string writes them; empty if unknown
  std::string usb_serial;  // the same on every Electron up to release 0.5.5
  int usb_interface = 0;   // a device may have several ports
};

// Sorted by path. Ports that vanish while they are looked at are left out.
Outcome<std::vector<PortInfo>> usb_serial_ports();

// The port's own name where `path` is another name of it (a link such as those in
// /dev/serial/by-id), else `path`.
std::string port_name(const std::string& path);

// What an error of a port means: errno, on Windows GetLastError().
enum class PortFault { gone, denied, busy, other };
PortFault port_fault(int system_error);

// The right to a port while it lives, taken by an opening of its own: an opening by libserialport
// sets the line up, which would disturb another program that has it. Where every opening is
// exclusive anyhow (Windows) it does nothing.
class PortClaim {
 public:
  // None: `system_error` says why.
  static std::optional<PortClaim> take(const std::string& path, int& system_error);
  PortClaim(PortClaim&& other) noexcept
      : handle_(std::exchange(other.handle_, -1)), shut_(std::exchange(other.shut_, false)) {}
  PortClaim& operator=(PortClaim&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(shut_, other.shut_);
    return *this;
  }
  ~PortClaim();

  // From now on nobody else can open it, but for root. After our own openings.
  void shut_others_out();
  // Asks that closing the port does not wait for bytes that the device does not take. Linux waits
  // up to 30 s for them by default (closing_wait), and lets only root change that. Dropping the
  // output helps where the driver can (not in cdc_acm of Linux 6.1), so for other users the wait
  // remains.
  void do_not_linger();

 private:
  explicit PortClaim(int handle) : handle_(handle) {}
  int handle_ = -1;
  bool shut_ = false;
};

}  // namespace os
