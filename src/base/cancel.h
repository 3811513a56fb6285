// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace base {

// A wish to stop comes by a signal, which wakes nobody: who waits for something else looks this
// often.
inline constexpr std::chrono::milliseconds kWishNoticed{100};

// A wish to stop, set from a signal handler, another thread or a test, and looked at between pieces
// of work. One wish: stop at the next safe point. A second: stop now.
class CancelToken {
 public:
  CancelToken() = default;
  // Also stops when somebody wishes so at `parent`, which outlives it; the first `granted` wishes
  // there are passed over. With 1: for what has to be brought to an end unless it is asked twice.
  explicit CancelToken(const CancelToken& parent, int granted = 0) noexcept
      : parent_(&parent), granted_(granted) {}
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;

  void request() noexcept { wishes_.fetch_add(1, std::memory_order_relaxed); }
  bool requested() const noexcept { return wishes() > 0; }
  bool at_once() const noexcept { return wishes() > 1; }

 private:
  int wishes() const noexcept {
    const int own = wishes_.load(std::memory_order_relaxed);
    return parent_ == nullptr ? own : own + std::max(0, parent_->wishes() - granted_);
  }

  std::atomic<int> wishes_{0};
  const CancelToken* parent_ = nullptr;
  int granted_ = 0;
  static_assert(std::atomic<int>::is_always_lock_free);
};

}  // namespace base
