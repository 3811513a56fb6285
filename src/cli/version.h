// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace cli {

// "0.2.0".
std::string version_number();
// Program version, commit, and the versions of the libraries in use, one a line.
std::string version_text();

}  // namespace cli
