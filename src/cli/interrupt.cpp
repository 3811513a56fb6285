// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/interrupt.h"

#include <atomic>

namespace cli {
namespace {

// A signal handler has no argument of its own, so this is global.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<base::CancelToken*> wish{nullptr};

// False for the third: then the process ends as if nobody had caught it.
bool take_wish() {
  base::CancelToken* cancel = wish.load();
  if (cancel == nullptr || cancel->at_once()) return false;
  cancel->request();
  return true;
}

}  // namespace

InterruptHandler::InterruptHandler(base::CancelToken& cancel)
    : signals_((wish.store(&cancel), take_wish)) {}

InterruptHandler::~InterruptHandler() { wish.store(nullptr); }

}  // namespace cli
