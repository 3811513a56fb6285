// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The text that the console command `s` prints between its braces and around its modules, in the
// shape of the running release.

#include "sim/firmware/boot_rules.h"
#include "sim/firmware/surroundings.h"

#include <string>

namespace sim {

// `{"p":10,...,"m":[...]}` without line end.
std::string describe_modules(const FlashMemory& flash, const SystemProfile& profile,
                             const FirmwareOptions& options);

}  // namespace sim
