// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What happens in a run, kept: in the file that --log-file names, whose fault is an error, and for
// a job on a device as one of the last logs in the user's state folder.

#include "base/files.h"
#include "base/result.h"
#include "os/computer.h"
#include "report/log.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cli {

class RunLog {
 public:
  RunLog();

  report::Log& log() { return log_; }
  // From the first line on. Errors: bad_file.
  base::Result<> write_to(const std::string& file);
  // Begins a job: the run leaves a log of its own there. Once is enough. Errors: bad_file.
  base::Result<> keep_in(const std::string& directory);
  // Until the run's end.
  void keep_computer_awake() {
    if (!awake_) awake_.emplace();
  }
  // Why --log-file did not get everything; empty if it did.
  std::string problem() const;

 private:
  report::Log log_;
  std::unique_ptr<base::LineFile> named_;
  std::unique_ptr<base::LineFile> own_;
  std::optional<os::StayAwake> awake_;
};

constexpr int kRunLogsKept = 20;

// state_directory()/logs; empty if the user has no home.
std::string default_log_directory();

// A new log, named after the time, for its owner only; the oldest are removed so that kRunLogsKept
// are left. Errors: bad_file.
base::Result<base::LineFile> create_run_log(const std::string& directory, const std::string& when);

// The logs that are there, oldest first: by the time in the name, then by the number after it.
std::vector<std::string> run_logs(const std::string& directory);
// The newest one; empty if there is none.
std::string newest_run_log(const std::string& directory);

// "exit     6" of a log's last lines: how its run ended; none if it was cut off or still goes on.
std::optional<int> exit_of(std::string_view log);

}  // namespace cli
