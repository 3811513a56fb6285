// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/streams.h"

#include <charconv>
#include <cstdio>

#ifdef _WIN32
#include <io.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

#include "base/files.h"

namespace cli {
namespace {

bool is_terminal(std::FILE* stream) {
#ifdef _WIN32
  return ::_isatty(::_fileno(stream)) != 0;
#else
  return ::isatty(::fileno(stream)) != 0;
#endif
}

int terminal_width() {
  const std::string columns = base::environment("COLUMNS");
  int width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (width > 0) return width;
#ifndef _WIN32
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
#endif
  return 80;
}

}  // namespace

void StandardStreams::out(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void StandardStreams::err(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool StandardStreams::ask(std::string_view question) {
  if (!is_terminal(stdin)) return false;
  err(question);
  err(" [y/N] ");
  const int answer = std::getchar();
  for (int rest = answer; rest != '\n' && rest != EOF;) rest = std::getchar();
  return answer == 'y' || answer == 'Y';
}

report::Terminal look_at_terminal() {
  report::Terminal terminal;
  terminal.out_is_terminal = is_terminal(stdout);
  terminal.err_is_terminal = is_terminal(stderr);
  terminal.dumb = base::environment("TERM") == "dumb";
  terminal.no_color = !base::environment("NO_COLOR").empty();
  terminal.width = terminal_width();
  return terminal;
}

}  // namespace cli
