// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The serial ports of USB devices as Linux tells them in /sys/class/tty. libserialport 0.1.1 lists
// ports too, but it opens every ttyS* for that, and crashes when a port vanishes meanwhile.

#include "os/ports.h"

#include <string>
#include <string_view>
#include <vector>

namespace os {

// `folder` is /sys/class/tty.
Outcome<std::vector<PortInfo>> ports_in_sysfs(const std::string& folder);

// "usb:1-2.4" out of the resolved path of a port's device in sysfs, which ends in the USB
// interface: ".../usb1/1-2/1-2.4/1-2.4:1.0". Empty if the port is none of a USB device.
std::string usb_port_of(std::string_view device_path);

}  // namespace os
