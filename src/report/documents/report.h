// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `report` packs, and what it says of it.

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace report {

// One run's log, as it is packed.
struct PackedLog {
  std::string path;
  std::optional<int> exit;  // none: it was cut off
  std::string content;
};

struct BugReport {
  std::string file;  // where it is written
  std::string made_at;
  std::string versions;         // lines
  std::string computer;         // lines
  std::vector<PackedLog> logs;  // the last run's, and the last failed one's where that is another
};

// The file itself.
std::string bug_report_file(const BugReport& report);
std::string bug_report_text(const BugReport& report);
// {file, log, logs: [{path, exit}]}
nlohmann::ordered_json bug_report_document(const BugReport& report);

}  // namespace report
