// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The clock of the virtual world: sleeping moves every board on, and takes no time. A world in real
// time needs no class: somebody calls Wire::advance_to() with the real time.

#include "sim/bus/wire.h"

namespace sim {

class VirtualClock final : public base::Clock {
 public:
  explicit VirtualClock(Wire& wire) : wire_(&wire) {}
  base::Instant now() const override { return wire_->now(); }
  // From event to event, so that a wish to stop that an event makes is noticed.
  void sleep(base::Micros duration, const base::CancelToken& cancel) override;

 private:
  Wire* wire_;
};

}  // namespace sim
