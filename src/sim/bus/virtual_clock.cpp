// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/virtual_clock.h"

#include <algorithm>

namespace sim {

void VirtualClock::sleep(base::Micros duration, const base::CancelToken& cancel) {
  const base::Instant end = bus_->now() + duration;
  while (bus_->now() < end && !cancel.requested()) {
    const auto next = bus_->next_event();
    bus_->advance_to(next ? std::clamp(*next, bus_->now(), end) : end);
  }
}

}  // namespace sim
