// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The logs that runs leave in the user's state folder: one a run, the last ones only.

#include "base/files.h"

#include <string>

namespace cli {

constexpr int kRunLogsKept = 20;

// state_directory()/logs; empty if the user has no home.
std::string default_log_directory();

// A new log, named after the time, for its owner only; the oldest are removed so that kRunLogsKept
// are left. Errors: bad_file.
base::Result<base::LineFile> create_run_log(const std::string& directory, const std::string& when);

// The newest one; empty if there is none.
std::string newest_run_log(const std::string& directory);

}  // namespace cli
