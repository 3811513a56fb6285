// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Windows: what is wrong with the driver of an Electron, and what mends it. Pure.

#include "os/device_tree.h"
#include "report/documents/doctor.h"

#include <optional>
#include <vector>

namespace cli {

// None where it is as it should be.
std::optional<report::Finding> driver_problem(const os::UsbDriver& driver);

// Every driver that is in the way, and what two devices with one serial string need; a single good
// finding where there is nothing of the kind.
std::vector<report::Finding> look_at_drivers(const std::vector<os::UsbDriver>& drivers);

}  // namespace cli
