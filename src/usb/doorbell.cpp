// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/doorbell.h"

#include <algorithm>

namespace usb {

void Doorbell::ring() {
  const std::lock_guard lock(mutex_);
  ++rings_;
  rung_.notify_all();
}

std::uint64_t Doorbell::rings() const {
  const std::lock_guard lock(mutex_);
  return rings_;
}

void Doorbell::wait(std::uint64_t heard, base::Micros most, const base::CancelToken& cancel) const {
  const auto end = std::chrono::steady_clock::now() + most;
  std::unique_lock lock(mutex_);
  while (rings_ == heard && !cancel.requested()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return;
    rung_.wait_until(lock, std::min(end, now + base::kWishNoticed));
  }
}

}  // namespace usb
