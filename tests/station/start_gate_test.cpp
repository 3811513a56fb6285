// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/start_gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace station {
namespace {

TEST(StartGate, noMoreOfOneHubStartAtTheSameTimeThanAllowed) {
  StartGate gate;
  const base::CancelToken cancel;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> boards;
  constexpr int kBoards = 12;
  constexpr int kRounds = 200;
  constexpr int kAllowed = 3;
  for (int n = 0; n < kBoards; ++n) {
    boards.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        gate.enter("1-1", kAllowed, cancel);
        const int now = ++inside;
        int before = most;
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        std::this_thread::yield();
        --inside;
        gate.leave("1-1");
      }
    });
  }
  for (std::thread& board : boards) board.join();
  EXPECT_LE(most, kAllowed);
  EXPECT_EQ(inside, 0);
}

TEST(StartGate, eachHubHasItsOwnAndNoughtIsNoLimit) {
  StartGate gate;
  const base::CancelToken cancel;
  // Each of these would wait for ever if it waited.
  gate.enter("1-1", 1, cancel);
  gate.enter("1-2", 1, cancel);
  gate.enter("1-1", 0, cancel);
  gate.leave("1-1");
  gate.leave("1-1");
  gate.enter("1-1", 1, cancel);
  gate.leave("1-1");
  gate.leave("1-2");
}

TEST(StartGate, whoIsToStopAtOnceDoesNotWait) {
  StartGate gate;
  base::CancelToken cancel;
  gate.enter("1-1", 1, cancel);
  std::thread second([&] { gate.enter("1-1", 1, cancel); });
  cancel.request();
  cancel.request();
  second.join();
  gate.leave("1-1");
  gate.leave("1-1");
  const base::CancelToken none;
  gate.enter("1-1", 1, none);  // both are out again
}

}  // namespace
}  // namespace station
