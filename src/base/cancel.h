// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

namespace base {

// The wish to stop, set by whoever owns the token (the signal handler, a test, a station) and
// looked at by whoever works. Lock-free, so that a signal handler may set it. The first wish stops
// at the next safe point; the second stops now.
class CancelToken {
 public:
  void request() noexcept { wishes_.fetch_add(1, std::memory_order_relaxed); }
  bool requested() const noexcept { return wishes_.load(std::memory_order_relaxed) > 0; }
  bool at_once() const noexcept { return wishes_.load(std::memory_order_relaxed) > 1; }

 private:
  std::atomic<int> wishes_{0};
  static_assert(std::atomic<int>::is_always_lock_free);
};

}  // namespace base
