// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What happened in a job, in a file of its own that is named by its row: the lines that `flash`
// leaves in its log. For its owner only.

#include "base/files.h"
#include "events/report.h"
#include "report/log.h"
#include "station/crew.h"

#include <optional>
#include <string>

namespace station {

class JobLog {
 public:
  // In `folder`, which is there; empty: nothing is written. A log that cannot be written is no
  // reason not to mend a board. `next` outlives it and gets every event.
  JobLog(const std::string& folder, report::Log::Stamp stamp, const JobOrder& order,
         events::Sink& next);
  JobLog(const JobLog&) = delete;
  JobLog& operator=(const JobLog&) = delete;

  // Where the job's events go.
  events::Sink& sink() { return file_ ? static_cast<events::Sink&>(sink_) : next_; }
  // How it ended.
  void end(const events::DeviceReport& report);

 private:
  report::Log log_;
  events::Sink& next_;
  report::LogSink sink_;
  std::optional<base::LineFile> file_;
};

// "ID.log"
std::string job_log_name(const std::string& job);

}  // namespace station
