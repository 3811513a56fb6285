// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/streams.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>

#ifdef _WIN32
#include <io.h>
#else
#include <poll.h>
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
  if (reader_gone_) return;
  const bool good =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (good) return;
  const int why = errno;
  reader_gone_ = why == EPIPE;
  if (!reader_gone_ && lost_.empty()) lost_ = std::generic_category().message(why);
}

bool StandardStreams::out_is_read() {
#ifndef _WIN32
  // A pipe without a reader tells so before anything is written to it.
  pollfd out{STDOUT_FILENO, 0, 0};
  if (::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLNVAL)) != 0) reader_gone_ = true;
#endif
  return !reader_gone_ && lost_.empty();
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
