// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The clock of the virtual world: sleeping moves every board on, and takes no time. A world in real
// time needs no class: somebody calls SimBus::advance_to() with the real time.

#include "sim/bus/bus.h"

namespace sim {

class VirtualClock final : public base::Clock {
 public:
  explicit VirtualClock(SimBus& bus) : bus_(&bus) {}
  base::Instant now() const override { return bus_->now(); }
  // From event to event, so that a wish to stop that an event makes is noticed.
  void sleep(base::Micros duration, const base::CancelToken& cancel) override;

 private:
  SimBus* bus_;
};

}  // namespace sim
