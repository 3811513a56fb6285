// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What to tell a person where the system stands in the way of a device: in words of the system that
// they sit at. Nobody on Windows has a udev rule or sudo.

#include <string_view>

namespace os {

enum class System { gnu_linux, macos, windows };
System this_system();

struct Advice {
  std::string_view access;     // a device or port is there and may not be opened
  std::string_view busy_port;  // another program has the serial port
  std::string_view no_driver;  // the system's driver for a USB device cannot do what is asked
};

const Advice& advice_for(System system);
// For this one.
const Advice& advice();

}  // namespace os
