// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One look at the bus: inner part of list() and of the waits.

#include "discovery/device.h"

#include <vector>

namespace discovery {

// Electrons on the bus now, without opening any: mode and serial port are known, the id where the
// operating system tells the serial string.
base::Result<std::vector<Device>> look(World& world, const platform::Platform& platform);

// All that can be known of it is known without a transfer to it.
bool is_told(const Device& device);

// Learns its id and whether it may be opened; opens it and closes it again only where the system
// does not tell.
void complete(World& world, Device& device);

}  // namespace discovery
