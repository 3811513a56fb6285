// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"

#include <gtest/gtest.h>

namespace base {
namespace {

class HandClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void sleep(Micros duration, const CancelToken&) override { now_ += duration; }

 private:
  Instant now_{};
};

TEST(RealClock, NeverGoesBackAndReturnsAtOnceWhenStopped) {
  RealClock clock;
  CancelToken stop;
  stop.request();
  const Instant before = clock.now();
  clock.sleep(std::chrono::hours(10), stop);  // would never end if the wish were overlooked
  EXPECT_GE(clock.now(), before);
}

TEST(RealClock, SleepsAtLeastAsLongAsAsked) {
  RealClock clock;
  const CancelToken go_on;
  const Instant before = clock.now();
  clock.sleep(Millis(2), go_on);
  EXPECT_GE(clock.now() - before, Millis(2));
}

TEST(Deadline, CountsDownToZeroAndNotBelow) {
  HandClock clock;
  const CancelToken go_on;
  const Deadline deadline(clock, Millis(10));
  EXPECT_FALSE(deadline.passed());
  clock.sleep(Millis(4), go_on);
  EXPECT_EQ(deadline.left(), Millis(6));
  EXPECT_EQ(deadline.left_up_to(Millis(3)), Millis(3));
  clock.sleep(Millis(20), go_on);
  EXPECT_TRUE(deadline.passed());
  EXPECT_EQ(deadline.left(), Micros(0));
  EXPECT_EQ(deadline.left_up_to(Millis(3)), Millis(1)) << "a transfer needs a timeout above zero";
}

TEST(CancelToken, TellsTheFirstWishFromTheSecond) {
  CancelToken token;
  EXPECT_FALSE(token.requested());
  token.request();
  EXPECT_TRUE(token.requested());
  EXPECT_FALSE(token.at_once());
  token.request();
  EXPECT_TRUE(token.at_once());
}

}  // namespace
}  // namespace base
