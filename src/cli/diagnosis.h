// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What stands in the way of an Electron on this computer, and what mends it.

#include "base/result.h"
#include "cli/computer.h"
#include "discovery/device.h"
#include "discovery/world.h"
#include "report/documents/doctor.h"

#include <vector>

namespace cli {

// Linux: the udev rule and ModemManager. Windows: drivers.
std::vector<report::Finding> look_at_computer(const Computer& computer);

// Every device, or those that `selector` means: is it there, may it be opened, does it answer? None
// that somebody works on is touched. `world` is what there was of it to be had.
std::vector<report::Finding> look_at_devices(const Computer& computer,
                                             const base::Result<discovery::World*>& world,
                                             const discovery::Selector& selector);

}  // namespace cli
