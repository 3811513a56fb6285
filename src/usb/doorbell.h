// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// "Something may have changed": from whoever noticed to everybody who waits. What has changed the
// one who was woken has to look at himself. Thread-safe.

#include "base/cancel.h"
#include "base/clock.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace usb {

class Doorbell {
 public:
  void ring();
  // How often it has rung: to be asked before looking, and given to wait().
  std::uint64_t rings() const;
  // Returns as soon as it has rung more often than that, after `most`, or on a wish to stop.
  void wait(std::uint64_t heard, base::Micros most, const base::CancelToken& cancel) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable rung_;
  std::uint64_t rings_ = 0;
};

}  // namespace usb
