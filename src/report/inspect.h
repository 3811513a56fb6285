// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `inspect` tells of module files, as text and as JSON.

#include "base/result.h"
#include "firmware/module.h"
#include "release/release_set.h"
#include "release/search.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace report {

struct InspectedFile {
  std::string file;                         // as given, or as found in a folder
  firmware::ParsedModule module;            // without its bytes; empty if unreadable
  std::vector<firmware::Problem> problems;  // empty: valid
  std::vector<firmware::Problem> notes;     // worth knowing, but no reason to refuse the file
  release::Match match;
  bool valid() const { return problems.empty(); }
};

struct InspectReport {
  std::vector<InspectedFile> files;
  // Found in a folder and no Electron module.
  std::vector<std::pair<std::string, firmware::Problem>> passed_over;
  release::Library library;  // what the valid files make up
  bool allow_unknown = false;
};

// Why the command fails; none if every file is valid and there is one at all. Errors: bad_module.
std::optional<base::Error> inspect_error(const InspectReport& report);

// `details`: SHA-256 of every file and the names of what was passed over. At most 100 columns.
std::string inspect_text(const InspectReport& report, const Style& style, bool details);
nlohmann::ordered_json inspect_json(const InspectReport& report);

}  // namespace report
