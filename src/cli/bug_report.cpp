// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bug_report.h"

#include "base/files.h"
#include "cli/run_log.h"
#include "cli/version.h"
#include "cli/wall_clock.h"
#include "report/exit_code.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr std::uint64_t kLargestLog = 16 * 1024 * 1024;

// A report is sent to others, whom the user's name does not concern.
std::string without_home(std::string text) {
  const std::string home = base::environment("HOME");
  if (home.size() < 2) return text;
  for (auto at = text.find(home); at != std::string::npos; at = text.find(home, at + 1)) {
    text.replace(at, home.size(), "~");
  }
  return text;
}

std::string_view membership_text(os::Membership membership) {
  switch (membership) {
    case os::Membership::now:
      return "this user is in it";
    case os::Membership::at_next_login:
      return "this user is in it from the next login on";
    case os::Membership::none:
      return "this user is not in it";
    case os::Membership::no_such_group:
      return "there is none";
  }
  return "";
}

std::string about(const Computer& computer) {
  if (computer.system() == os::System::windows) {
    std::string text = "USB drivers:\n";
    for (const os::UsbDriver& driver : computer.usb_drivers()) {
      text += fmt::format("{:04x}:{:04x} revision {:04x} on {}: driver {}, problem code {}\n",
                          driver.vendor, driver.product, driver.revision, driver.usb_port,
                          driver.service.empty() ? "none" : driver.service, driver.problem);
    }
    return text;
  }
  if (!computer.has_udev()) return "no udev\n";
  const std::string rule = computer.installed_rule();
  return fmt::format("udev rule: {}\ngroup {}: {}\nModemManager: {}\n",
                     rule.empty() ? "not installed" : rule, kDeviceGroup,
                     membership_text(computer.membership()),
                     computer.running("ModemManager") ? "running" : "not running");
}

base::Result<report::PackedLog> read_log(const std::string& path) {
  TRY_ASSIGN(const base::Bytes content, base::read_file(path, kLargestLog));
  report::PackedLog log;
  log.path = path;
  log.content = base::as_text(content);
  log.exit = exit_of(log.content);
  return log;
}

// The last run's log; and where that run went well, the last one's that did not: what somebody
// looks up after a failure (`info`, `list`) is not what the report is about.
base::Result<std::vector<report::PackedLog>> logs_in(const std::string& directory) {
  const std::vector<std::string> paths = run_logs(directory);
  std::vector<report::PackedLog> logs;
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    TRY_ASSIGN(report::PackedLog log, read_log(*path));
    const bool failed = log.exit != report::kDone;
    if (logs.empty() || failed) logs.push_back(std::move(log));
    if (failed) break;
  }
  if (!logs.empty()) return logs;
  return base::make_error(base::Errc::bad_file, "no-log", "no run has left a log yet",
                          "run the command that fails first; it leaves a log");
}

}  // namespace

base::Result<report::BugReport> pack_bug_report(const std::string& file, const Computer& computer,
                                                const std::string& logs) {
  report::BugReport report;
  report.file = file;
  report.made_at = utc_for_people();
  report.versions = version_text();
  report.computer = about(computer);
  TRY_ASSIGN(report.logs, logs_in(logs));
  TRY(base::write_file(file, base::as_bytes(without_home(report::bug_report_file(report))),
                       base::Privacy::normal));
  return report;
}

}  // namespace cli
