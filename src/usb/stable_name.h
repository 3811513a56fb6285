// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A name of a USB port that outlives a reboot: bus numbers follow the order in which controllers
// were found, the controller's own place and the chain of ports do not.

#include "usb/device_info.h"

#include <string>
#include <string_view>

namespace usb {

// "pci-0000:00:14.0/1.4.2", "platform-vhci_hcd.0/3"; "bus-1/1.4.2" where the system does not tell.
std::string stable_name(const PortPath& port);

// The controller's name, of the real folder of its root hub:
// "/sys/devices/pci0000:00/0000:00:14.0/usb1" is "pci-0000:00:14.0". Empty: it is no such path.
// Pure.
std::string controller_name(std::string_view root_hub);

}  // namespace usb
