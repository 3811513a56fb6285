// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cancel.h"
#include "os/console.h"

namespace cli {

// While it lives, Ctrl-C (and SIGTERM, SIGHUP) is a wish to stop: the first at the next safe point,
// the second at once. A third ends the process as if nobody had caught it. One at a time.
class InterruptHandler {
 public:
  explicit InterruptHandler(base::CancelToken& cancel);
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;

 private:
  os::StopSignals signals_;
};

}  // namespace cli
