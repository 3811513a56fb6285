// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/streams.h"

#include "base/files.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>

namespace cli {
namespace {

int terminal_width() {
  const std::string columns = base::environment("COLUMNS");
  int width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (width > 0) return width;
  constexpr int kUsual = 80;
  return os::terminal_width().value_or(kUsual);
}

}  // namespace

void StandardStreams::out(std::string_view text) {
  if (reader_gone_) return;
  const bool good =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (good) return;
  const int why = errno;
  reader_gone_ = why == EPIPE;
  if (!reader_gone_ && lost_.empty()) lost_ = std::generic_category().message(why);
}

bool StandardStreams::out_is_read() {
  if (os::reader_is_gone()) reader_gone_ = true;
  return !reader_gone_ && lost_.empty();
}

void StandardStreams::err(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool StandardStreams::ask(std::string_view question) {
  if (!os::is_terminal(os::Stream::in)) return false;
  err(question);
  err(" [y/N] ");
  const auto answer = os::read_line([this] { return cancel_->requested(); });
  if (!answer) err("\n");  // Ctrl-C or the end of the input: the cursor stands behind the question
  return answer && (answer->starts_with('y') || answer->starts_with('Y'));
}

report::Terminal StandardStreams::terminal() const {
  report::Terminal terminal;
  terminal.out_is_terminal = os::is_terminal(os::Stream::out);
  terminal.err_is_terminal = os::is_terminal(os::Stream::err);
  terminal.dumb = base::environment("TERM") == "dumb" || !console_.takes_escapes();
  terminal.no_color = !base::environment("NO_COLOR").empty();
  terminal.width = terminal_width();
  return terminal;
}

}  // namespace cli
