// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "platform/platform.h"
#include "serial/console.h"

namespace flash {

// The letter that `s` uses for a module's function; none for letters without meaning here.
platform::ModuleFunction function_of(char letter);

// The module in its main store, or null if it is not listed.
const serial::DescribedModule* find_described(const serial::Described& described,
                                              platform::ModuleId id);

}  // namespace flash
