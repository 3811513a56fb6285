// SPDX-License-Identifier: GPL-3.0-or-later
//
// Linux and macOS.
#include "os/console.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

namespace os {
namespace {

int descriptor(Stream stream) {
  switch (stream) {
    case Stream::in:
      return STDIN_FILENO;
    case Stream::out:
      return STDOUT_FILENO;
    case Stream::err:
      return STDERR_FILENO;
  }
  return STDERR_FILENO;
}

constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGHUP};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kStopSignals) sigaddset(&set, signal);
  return set;
}

// A signal handler has no argument of its own, so this is the one place where state is global.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool (*)()> handler{nullptr};

extern "C" void on_signal(int signal) {
  bool (*taken)() = handler.load();
  if (taken != nullptr && taken()) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// True once stdin can be read; false if `stop` says so before.
bool wait_for_input(const std::function<bool()>& stop) {
  // Between the question whether to stop and the wait no signal may slip through, so they are let
  // in by the wait alone.
  const sigset_t held = stop_signals();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &held, &before);
  bool readable = false;
  while (!readable && !stop()) {
    fd_set input;
    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    const int count = ::pselect(STDIN_FILENO + 1, &input, nullptr, nullptr, nullptr, &before);
    readable = count > 0 || (count < 0 && errno != EINTR);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return readable;
}

}  // namespace

bool is_terminal(Stream stream) { return ::isatty(descriptor(stream)) != 0; }

std::optional<int> terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLNVAL)) != 0;
}

ConsoleSetup::ConsoleSetup() = default;
ConsoleSetup::~ConsoleSetup() = default;

std::optional<std::string> read_line(const std::function<bool()>& stop) {
  std::string line;
  while (wait_for_input(stop)) {
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (c == '\n') return line;
    line += c;
  }
  return std::nullopt;
}

StopSignals::StopSignals(bool (*taken)()) {
  handler.store(taken);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_mask = stop_signals();
  action.sa_flags = SA_RESTART;
  for (const int signal : kStopSignals) {
    struct sigaction before {};
    const bool ignored = ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
    if (!ignored) ::sigaction(signal, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

StopSignals::~StopSignals() {
  for (const int signal : kStopSignals) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == on_signal) {
      std::signal(signal, SIG_DFL);
    }
  }
  handler.store(nullptr);
}

}  // namespace os
