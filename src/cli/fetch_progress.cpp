// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/fetch_progress.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace cli {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kHundredths = 100;
constexpr std::uint64_t kQuarter = 25;

}  // namespace

FetchProgress::FetchProgress(Context& context) : context_(context) {
  const report::Terminal& terminal = context.console.terminal();
  const std::string& wanted = context.global.progress;
  if (wanted == "json") {
    form_ = Form::json;
  } else if (wanted == "bar" || (wanted == "auto" && terminal.err_is_terminal && !terminal.dumb)) {
    form_ = Form::line;
  } else if (wanted != "none") {
    form_ = Form::plain;
  }
}

std::string FetchProgress::words(const fetch::Progress& progress) const {
  const double done = static_cast<double>(progress.done) / kMegabyte;
  const double total = static_cast<double>(progress.total) / kMegabyte;
  return progress.total == 0 ? fmt::format("{}: {:.1f} MB", progress.what, done)
                             : fmt::format("{}: {:.1f} of {:.1f} MB", progress.what, done, total);
}

void FetchProgress::on(const fetch::Progress& progress) {
  if (form_ == Form::none) return;
  // Another download, or the same one begun again.
  if (what_ != progress.what || progress.done < done_) told_ = 0;
  what_ = progress.what;
  done_ = progress.done;
  const std::uint64_t now = progress.total == 0 ? progress.done / kMegabyte
                                                : progress.done * kHundredths / progress.total;
  const std::uint64_t step = form_ == Form::plain && progress.total > 0 ? kQuarter : 1;
  if (now / step <= told_ / step) return;
  told_ = now;
  report::Output& output = context_.console.output();
  switch (form_) {
    case Form::json:
      output.err(line_of({{"event", "progress"},
                          {"what", progress.what},
                          {"done", progress.done},
                          {"total", progress.total}}));
      break;
    case Form::line:
      output.err("\r" + words(progress) + "\x1b[K");
      on_screen_ = true;
      break;
    case Form::plain:
      // What is there in a moment needs no account of its way.
      if (progress.total == 0 || progress.total > kMegabyte) output.err(words(progress) + "\n");
      break;
    case Form::none:
      break;
  }
}

void FetchProgress::clear() {
  if (std::exchange(on_screen_, false)) context_.console.output().err("\r\x1b[K");
}

}  // namespace cli
