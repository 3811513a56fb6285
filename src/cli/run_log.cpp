// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/run_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

constexpr std::string_view kEnding = ".log";

// Oldest first: the names are times.
std::vector<std::string> run_logs(const std::string& directory) {
  auto files = base::list_files(directory);
  if (!files) return {};
  std::erase_if(*files, [](const std::string& path) { return !path.ends_with(kEnding); });
  return std::move(*files);
}

}  // namespace

std::string default_log_directory() {
  const std::string state = base::state_directory();
  return state.empty() ? state : base::join(state, "logs");
}

base::Result<base::LineFile> create_run_log(const std::string& directory, const std::string& when) {
  TRY(base::make_directories(directory, base::Privacy::owner_only));
  // Two runs within one second; the numbers keep the order.
  const auto next = [&](int number) {
    return base::LineFile::create_new(
        base::join(directory, fmt::format("{}-{:02}{}", when, number, kEnding)),
        base::Privacy::owner_only);
  };
  auto made = next(1);
  for (int number = 2; !made && made.error().id == "file-exists"; ++number) made = next(number);
  TRY_ASSIGN(auto file, std::move(made));
  const std::vector<std::string> logs = run_logs(directory);
  for (std::size_t i = 0; i + kRunLogsKept < logs.size(); ++i) {
    // Another run may have removed it already, and an old log that stays harms nobody.
    const auto removed = base::remove_file(logs[i]);
    if (!removed) break;
  }
  return file;
}

std::string newest_run_log(const std::string& directory) {
  const std::vector<std::string> logs = run_logs(directory);
  return logs.empty() ? std::string() : logs.back();
}

}  // namespace cli
