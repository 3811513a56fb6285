// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"

#include <algorithm>
#include <thread>

namespace base {

Instant RealClock::now() const {
  return std::chrono::time_point_cast<Micros>(std::chrono::steady_clock::now());
}

void RealClock::sleep(Micros duration, const CancelToken& cancel) {
  // In slices, so that an interrupt is noticed; a signal cannot notify a condition variable.
  constexpr Micros kSlice{20'000};
  const Instant end = now() + duration;
  while (!cancel.requested()) {
    const Micros left = end - now();
    if (left <= Micros::zero()) return;
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

Micros Deadline::left() const { return std::max(Micros::zero(), Micros(at_ - clock_->now())); }

Millis Deadline::left_up_to(Millis most) const {
  const auto rest = std::chrono::ceil<Millis>(left());
  return std::clamp(rest, Millis(1), std::max(most, Millis(1)));
}

}  // namespace base
