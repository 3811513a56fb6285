// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// From many threads to one: what comes in, in its order. Thread-safe.

#include "base/clock.h"

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace station {

template <class Letter>
class Mailbox {
 public:
  void put(Letter letter) {
    {
      const std::lock_guard lock(mutex_);
      letters_.push_back(std::move(letter));
    }
    arrived_.notify_one();
  }

  // All that is there, as soon as there is something; after `most` perhaps nothing.
  std::vector<Letter> take(base::Micros most) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, most, [this] { return !letters_.empty(); });
    return std::exchange(letters_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Letter> letters_;
};

}  // namespace station
