// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/virtual_clock.h"

#include <algorithm>

namespace sim {

void VirtualClock::sleep(base::Micros duration, const base::CancelToken& cancel) {
  const base::Instant end = wire_->now() + duration;
  while (wire_->now() < end && !cancel.requested()) {
    const auto next = wire_->next_event();
    wire_->advance_to(next ? std::clamp(*next, wire_->now(), end) : end);
  }
}

}  // namespace sim
