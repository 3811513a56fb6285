// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/event_loop.h"

#include <gtest/gtest.h>

namespace usb {
namespace {

// A bus of events whose handling goes well or not; a waiter is let go by interrupt().
struct Events {
  bool handle() {
    std::unique_lock lock(mutex);
    ++calls;
    changed.notify_all();
    if (broken) return false;
    changed.wait(lock, [this] { return interrupted || broken; });
    return !broken;
  }
  void interrupt() {
    const std::lock_guard lock(mutex);
    interrupted = true;
    changed.notify_all();
  }
  void break_down() {
    const std::lock_guard lock(mutex);
    broken = true;
    changed.notify_all();
  }
  void await_calls(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return calls >= count; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  int calls = 0;
  bool broken = false;
  bool interrupted = false;
};

TEST(EventLoop, EndsAlthoughItWaitsForAnEvent) {
  Events events;
  {
    const EventLoop loop([&] { return events.handle(); }, [&] { events.interrupt(); });
    events.await_calls(1);
    EXPECT_FALSE(loop.is_stuck());
  }
  EXPECT_TRUE(events.interrupted);
}

TEST(EventLoop, PausesAfterEachFailureInsteadOfSpinning) {
  Events events;
  events.broken = true;
  const auto before = std::chrono::steady_clock::now();
  const EventLoop loop([&] { return events.handle(); }, [&] { events.interrupt(); });
  events.await_calls(11);
  // Ten pauses lie between eleven calls. (A lower bound: a slow computer only makes it longer.)
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(10 * 40));
}

TEST(EventLoop, SaysThatItIsStuckWhenAnErrorLastsAndEndsAllTheSame) {
  Events events;
  const EventLoop loop([&] { return events.handle(); }, [&] { events.interrupt(); });
  events.await_calls(1);
  EXPECT_FALSE(loop.is_stuck());
  events.break_down();
  events.await_calls(30);
  EXPECT_TRUE(loop.is_stuck());
}

}  // namespace
}  // namespace usb
