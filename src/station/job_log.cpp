// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/job_log.h"

#include <fmt/format.h>

#include <utility>

namespace station {

std::string job_log_name(const std::string& job) { return job + ".log"; }

JobLog::JobLog(const std::string& folder, report::Log::Stamp stamp, const JobOrder& order,
               events::Sink& next)
    : log_(std::move(stamp)), next_(next), sink_(log_, next) {
  if (folder.empty()) return;
  auto file = base::LineFile::create_new(base::join(folder, job_log_name(order.job)),
                                         base::Privacy::owner_only);
  if (!file) return;
  file_.emplace(std::move(*file));
  log_.write_to([this](std::string_view line) { file_->line(line); });
  log_.add("slot", fmt::format("{} {} {}", order.slot, records::name(order.kind), order.job));
}

void JobLog::end(const events::DeviceReport& report) {
  if (!file_) return;
  if (report.error) {
    log_.add("error", fmt::format("{}: {}", report.error->id, report.error->message));
  }
  log_.add("end",
           fmt::format("{} {:.1f} s", report.ok() ? "good" : "failed", report.totals.seconds));
}

}  // namespace station
