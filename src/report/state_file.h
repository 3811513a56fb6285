// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A state file: what is installed on a device, as `info --json` prints it, or written by hand. From
// hand this is enough: {"modules": [{"function": "system-part", "index": 1, "version": 207}, …]}.

#include "base/result.h"
#include "plan/state.h"
#include "release/catalogue.h"

#include <string_view>

namespace report {

// A larger state file is refused without being read.
inline constexpr std::uint64_t kLargestStateFile = 1024 * 1024;

// Dependencies that a module leaves out are taken from the release of its version. One without
// length and checksum counts as that version's module, whole, as if the device had told it. Errors:
// bad_file.
base::Result<plan::InstalledState> parse_state_file(std::string_view json,
                                                    const platform::Platform& platform,
                                                    const release::Catalogue& catalogue);

}  // namespace report
