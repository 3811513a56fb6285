// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace cli {
namespace {

// A signal handler has no argument of its own, so this is the one place where state is global.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<base::CancelToken*> wish{nullptr};

extern "C" void on_signal(int signal) {
  base::CancelToken* cancel = wish.load();
  if (cancel == nullptr || cancel->at_once()) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  cancel->request();
  std::signal(signal, on_signal);  // Windows and System V forget the handler once it has run
}

// A signal that whoever started the process had it ignore (nohup, a background job) stays ignored.
void install(int signal, void (*handler)(int)) {
  if (std::signal(signal, handler) == SIG_IGN) std::signal(signal, SIG_IGN);
}

void install(void (*handler)(int)) {
  install(SIGINT, handler);
  install(SIGTERM, handler);
#ifdef SIGHUP
  install(SIGHUP, handler);
#endif
}

}  // namespace

InterruptHandler::InterruptHandler(base::CancelToken& cancel) {
  wish.store(&cancel);
  install(on_signal);
#ifdef SIGPIPE
  // A reader that goes away (`| head`) must not stop a job in the middle of a sector.
  std::signal(SIGPIPE, SIG_IGN);
#endif
}

InterruptHandler::~InterruptHandler() {
  install(SIG_DFL);
  wish.store(nullptr);
}

}  // namespace cli
