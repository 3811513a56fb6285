// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Time is a seam like USB and serial: every wait and every deadline goes through a Clock, so that a
// test with the virtual Electron takes no real time.

#include "base/cancel.h"

#include <chrono>

namespace base {

using Micros = std::chrono::microseconds;
inline double in_seconds(Micros duration) {
  return std::chrono::duration<double>(duration).count();
}
using Millis = std::chrono::milliseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Micros>;

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic; the epoch means nothing.
  virtual Instant now() const = 0;
  // Returns after `duration`, or at once when a wish to stop comes in.
  virtual void sleep(Micros duration, const CancelToken& cancel) = 0;
};

// The computer's own monotonic clock. Thread-safe.
class RealClock final : public Clock {
 public:
  Instant now() const override;
  void sleep(Micros duration, const CancelToken& cancel) override;
};

// A moment by which something must have happened.
class Deadline {
 public:
  Deadline(const Clock& clock, Micros from_now) : clock_(&clock), at_(clock.now() + from_now) {}
  bool passed() const { return clock_->now() >= at_; }
  // Never negative.
  Micros left() const;
  // What is left, but no more than `most`: for a transfer's timeout. At least one millisecond.
  Millis left_up_to(Millis most) const;

 private:
  const Clock* clock_;
  Instant at_;
};

}  // namespace base
