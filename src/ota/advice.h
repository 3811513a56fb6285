// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What somebody has to bring to a device that the air cannot mend.

#include "ota/result.h"
#include "ota/wish.h"

namespace ota {

// Fills in DeviceResult::bring and ::command.
void advise(DeviceResult& result, const Belief& belief, const Wish& wish);

}  // namespace ota
