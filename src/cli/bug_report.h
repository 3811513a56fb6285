// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "cli/computer.h"
#include "report/documents/report.h"

#include <string>

namespace cli {

// Packs what somebody needs who looks into a bug, and writes it to `file`, over what is there: the
// program's versions, what `computer` tells of permissions, and the logs of the last run and of the
// last one that failed. The user's home is left out. Errors: bad_file, id "no-log" where no run has
// left a log in `logs`.
base::Result<report::BugReport> pack_bug_report(const std::string& file, const Computer& computer,
                                                const std::string& logs);

}  // namespace cli
