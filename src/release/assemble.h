// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Sorting modules into releases.

#include "release/release_set.h"

#include <vector>

namespace release {

struct AssembleOptions {
  // Bytes that the catalogue contradicts or does not know are a warning instead of an error.
  bool allow_unknown = false;
};

// The catalogue must outlive the library.
Library assemble(std::vector<firmware::CheckedModule> modules, const Catalogue& catalogue,
                 const AssembleOptions& options);

}  // namespace release
