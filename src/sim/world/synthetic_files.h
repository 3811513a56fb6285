// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Made-up modules as files, for trying the tools where released files are not to be had.

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace sim {

// The system parts of `release` into `folder`, which is made. The names are the vendor's with
// "-synthesised" before the end, so that nobody takes them for the released files. Returns the
// paths. Errors: usage (a release that no module version is known of), bad_file.
base::Result<std::vector<std::string>> write_synthetic_release(std::string_view release,
                                                               const std::string& folder);

}  // namespace sim
