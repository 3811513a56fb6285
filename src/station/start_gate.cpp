// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/start_gate.h"

#include <chrono>

namespace station {

void StartGate::enter(const std::string& hub, int most, const base::CancelToken& cancel) {
  std::unique_lock lock(mutex_);
  while (most > 0 && starting_[hub] >= most && !cancel.at_once()) {
    left_.wait_for(lock, base::kWishNoticed);
  }
  ++starting_[hub];
}

void StartGate::leave(const std::string& hub) {
  {
    const std::lock_guard lock(mutex_);
    --starting_[hub];
  }
  left_.notify_all();
}

}  // namespace station
