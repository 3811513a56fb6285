// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One look at the bus: inner part of list() and of the waits.

#include "discovery/device.h"

#include <vector>

namespace discovery {

// Electrons on the bus now, without opening any: mode and serial port are known, id and problem are
// not, except where the operating system told the serial string together with the serial port.
base::Result<std::vector<Device>> look(World& world, const platform::Platform& platform);

// Opens the device, if that is needed to learn its id, and closes it again.
void complete(World& world, Device& device);

}  // namespace discovery
