// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a port that is named for good (stable_name.h) is worth on this computer, out of the kernel's
// small text files. Linux only; nothing is touched.

#include <optional>
#include <string>
#include <string_view>

namespace usb {

// How a hub carries full-speed devices over its high-speed line (USB 2.0, 11.14): bDeviceProtocol
// of its descriptor.
enum class Translators { none, one, one_for_each_port };

struct PortFacts {
  bool controller_here = false;
  bool port_here = false;  // the hub is there, and has so many ports
  std::string hub;         // "1-1.4"; "usb1" for the controller's own
  int depth = 0;           // hubs between controller and port
  Translators translators = Translators::none;
  bool may_sleep = false;  // the kernel may suspend the hub
};

// `folder`: that of the devices, /sys/bus/usb/devices. None: `port` is no such name.
std::optional<PortFacts> port_facts(const std::string& folder, std::string_view port);

}  // namespace usb
