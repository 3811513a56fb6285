// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The release files that a command may use.

#include "base/result.h"
#include "release/release_set.h"

#include <string>
#include <vector>

namespace cli {

class Context;

// Every module in what --firmware names (or in ./firmware) and in the user's cache folder, sorted
// into releases. What was passed over is told with -v, what is damaged always.
base::Result<release::Library> load_library(Context& context, const std::vector<std::string>& given,
                                            bool allow_unknown);

}  // namespace cli
