// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/report.h"

#include "base/files.h"
#include "cli/context.h"
#include "cli/run_log.h"
#include "cli/version.h"
#include "cli/wall_clock.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

std::string about(const Computer& computer) {
  if (!computer.has_udev()) return "no udev\n";
  const std::string rule = computer.installed_rule();
  return fmt::format("udev rule: {}\nModemManager: {}\n", rule.empty() ? "not installed" : rule,
                     computer.running("ModemManager") ? "running" : "not running");
}

base::Result<std::string> pack(Context& context, const std::string& file) {
  const std::string log = newest_run_log(context.environment().log_directory);
  if (log.empty()) {
    return base::make_error(base::Errc::bad_file, "no-log", "no run has left a log yet",
                            "run the command that fails first; it leaves a log");
  }
  TRY_ASSIGN(const base::Bytes content, base::read_file(log, kLargestLog));
  const std::string text = fmt::format(
      "Bug report of electron-rescue, made {}\n"
      "\n== versions\n{}\n"
      "\n== computer\n{}"
      "\n== the last run: {}\n{}",
      utc_for_people(), version_text(), about(context.environment().computer), base::file_name(log),
      base::as_text(content));
  TRY(base::write_file(file, base::as_bytes(without_home(text)), base::Privacy::normal));
  return log;
}

int run_report(Context& context, const std::string& file) {
  if (base::exists(file) && !context.global.yes &&
      !context.environment().output.ask(
          fmt::format("{} exists. Replace it?", base::printable(file)))) {
    return context.fail(base::make_error(base::Errc::usage, "the report was not written",
                                         "name a file that does not exist, or say --yes"));
  }
  const auto log = pack(context, file);
  if (!log) return context.fail(log.error());
  if (!context.global.json) {
    context.print(
        fmt::format("wrote {}: the log of the last run, and versions\n", base::printable(file)));
  }
  auto document = report::document();
  document["file"] = file;
  document["log"] = *log;
  return context.finish(document, report::kDone);
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  auto file = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, "report", "Pack the log of the last run into a file, for a bug report");
  command->add_option("FILE", *file, "The file to write")->required()->type_name("");
  command->callback([&context, file] {
    context.action = [&context, file] { return run_report(context, *file); };
  });
}

}  // namespace cli
