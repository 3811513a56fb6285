// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/world_source.h"

#include <memory>

namespace cli {

// This computer's USB, serial ports and clock. `trace` of the command line is applied on top.
std::unique_ptr<WorldSource> make_real_world();

}  // namespace cli
