// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/inspect.h"

#include <string>
#include <vector>

namespace cli {

struct InspectOptions {
  std::vector<std::string> files;  // modules, archives, Intel HEX files, folders of them
  bool allow_unknown = false;      // bytes that contradict the catalogue are only worth a note
};

// Reads and judges the files; what cannot be read is among the invalid ones.
report::InspectReport inspect(const InspectOptions& options);

}  // namespace cli
