// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Module files out of folders.

#include "firmware/check.h"

#include <string>
#include <utility>
#include <vector>

namespace release {

// Reads every folder one level deep, and every file given by name; files that are no sound Electron
// module are passed over, each with a note {file, reason} in `passed_over`. A folder that is
// missing is skipped. Errors: bad_file.
struct Collected {
  std::vector<firmware::CheckedModule> modules;
  std::vector<std::pair<std::string, firmware::Problem>> passed_over;
};
base::Result<Collected> collect(const std::vector<std::string>& folders,
                                const platform::Platform& platform);

}  // namespace release
