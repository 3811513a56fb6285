// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A running device's serial port, and whether a device is the one that was there before.

#include "discovery/device.h"
#include "serial/port.h"
#include "work/context.h"

#include <memory>
#include <string>

namespace reach {

// Opens the device's serial port. A port that has just appeared may not have its permissions yet,
// and ModemManager may be probing it: both are waited for. Errors: busy, access_denied,
// device_gone, cancelled, and timeout for a device that has no port.
base::Result<std::unique_ptr<serial::Port>> open_line(const work::Context& context,
                                                      const discovery::Device& device);

// An error if the device now on the port is not the one that was there. No id that was known is
// forgotten.
base::Result<discovery::Device> same_device(const discovery::Device& before, discovery::Device now);
base::Error another_device(const usb::PortPath& port, const std::string& before,
                           const std::string& now);

// What to press, in one sentence.
std::string how_to_reach_dfu();

}  // namespace reach
