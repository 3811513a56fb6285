// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/doorbell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace usb {
namespace {

constexpr base::Micros kForEver = std::chrono::hours(1);

TEST(Doorbell, WakesEverybodyWhoWaits) {
  Doorbell bell;
  const base::CancelToken never;
  std::atomic<int> waiting{0};
  std::vector<std::thread> waiters;
  for (int i = 0; i < 8; ++i) {
    waiters.emplace_back([&] {
      const std::uint64_t heard = bell.rings();
      ++waiting;
      bell.wait(heard, kForEver, never);
    });
  }
  while (waiting < 8) std::this_thread::yield();
  bell.ring();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(bell.rings(), 1U);
}

TEST(Doorbell, DoesNotLoseARingBetweenLookingAndWaiting) {
  Doorbell bell;
  const std::uint64_t heard = bell.rings();
  bell.ring();
  bell.wait(heard, kForEver, base::CancelToken());
}

TEST(Doorbell, ReturnsWhenTimeIsUpAndOnAWishThatCameFromASignal) {
  const Doorbell bell;
  bell.wait(bell.rings(), base::Millis(1), base::CancelToken());
  base::CancelToken cancel;
  std::thread somebody([&] { cancel.request(); });  // tells nobody
  bell.wait(bell.rings(), kForEver, cancel);
  somebody.join();
}

}  // namespace
}  // namespace usb
