// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

namespace electron_sim {

// How the computer's time becomes that of a virtual world.
class Pace {
 public:
  Pace(const base::Clock& clock, base::Instant world_now, int factor)
      : clock_(&clock), real_start_(clock.now()), world_start_(world_now), factor_(factor) {}
  base::Instant world_now() const { return world_start_ + (clock_->now() - real_start_) * factor_; }
  // How long the computer has to wait until it is so late there.
  base::Micros until(base::Instant world_time) const {
    return (world_time - world_now()) / factor_;
  }

 private:
  const base::Clock* clock_;
  base::Instant real_start_;
  base::Instant world_start_;
  int factor_;
};

}  // namespace electron_sim
