// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/run_log.h"

#include "cli/wall_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace cli {
namespace {

constexpr std::string_view kEnding = ".log";

// "20260101T000000Z-100.log": the time, whose order is that of its letters, and the number of the
// run within that second, whose order is not. A name of another form is the oldest.
std::tuple<std::string, long, std::string> age_of(const std::string& path) {
  std::string name = base::file_name(path);
  const auto dash = name.rfind('-');
  const auto end = name.size() - kEnding.size();
  long number = 0;
  if (dash == std::string::npos || dash > end) return {std::string(), 0, std::move(name)};
  const auto [last, error] = std::from_chars(name.data() + dash + 1, name.data() + end, number);
  if (error != std::errc() || last != name.data() + end) {
    return {std::string(), 0, std::move(name)};
  }
  return {name.substr(0, dash), number, std::string()};
}

void write_into(report::Log& log, base::LineFile* file) {
  log.write_to([file](std::string_view line) { file->line(line); });
}

}  // namespace

RunLog::RunLog() : log_(utc_for_logs) {}

base::Result<> RunLog::write_to(const std::string& file) {
  TRY_ASSIGN(auto opened, base::LineFile::append(file, base::Privacy::owner_only));
  named_ = std::make_unique<base::LineFile>(std::move(opened));
  write_into(log_, named_.get());
  return {};
}

base::Result<> RunLog::keep_in(const std::string& directory) {
  if (directory.empty() || own_ != nullptr) return {};
  TRY_ASSIGN(auto file, create_run_log(directory, utc_for_names()));
  own_ = std::make_unique<base::LineFile>(std::move(file));
  write_into(log_, own_.get());
  return {};
}

std::string RunLog::problem() const {
  return named_ == nullptr ? std::string() : named_->problem();
}

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

std::vector<std::string> run_logs(const std::string& directory) {
  auto files = base::list_files(directory);
  if (!files) return {};
  std::erase_if(*files, [](const std::string& path) { return !path.ends_with(kEnding); });
  std::ranges::stable_sort(*files, {}, age_of);
  return std::move(*files);
}

std::string newest_run_log(const std::string& directory) {
  const std::vector<std::string> logs = run_logs(directory);
  return logs.empty() ? std::string() : logs.back();
}

std::optional<int> exit_of(std::string_view log) {
  constexpr std::string_view kMark = " exit     ";
  const auto at = log.rfind(kMark);
  if (at == std::string_view::npos) return std::nullopt;
  int code = 0;
  const auto [end, error] =
      std::from_chars(log.data() + at + kMark.size(), log.data() + log.size(), code);
  if (error != std::errc()) return std::nullopt;
  return code;
}

}  // namespace cli
