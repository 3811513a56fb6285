// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What somebody has to bring to a device that the air cannot mend.

#include "ota/result.h"
#include "ota/wish.h"

namespace ota {

// The file of a part, from the target's first; null if none is at hand.
const firmware::CheckedModule* file_for(const PartKey& part, const Wish& wish);
// The name under which it is sent: what it is, and .bin, whatever the file is called here.
std::string file_name_of(const firmware::CheckedModule& module);

// Fills in DeviceResult::bring and ::command.
void advise(DeviceResult& result, const Belief& belief, const Wish& wish);

}  // namespace ota
