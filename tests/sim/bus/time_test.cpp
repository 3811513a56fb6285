// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/time.h"

#include <gtest/gtest.h>

#include <string>

namespace sim {
namespace {

using std::chrono::milliseconds;
constexpr base::Instant kStart{};

TEST(Time, OfSeveralActionsAtOneMomentTheOneSaidFirstComesFirst) {
  Time time(kStart);
  std::string done;
  time.at(kStart + milliseconds(2), [&] { done += 'b'; });
  time.at(kStart + milliseconds(1), [&] { done += 'a'; });
  time.at(kStart + milliseconds(2), [&] { done += 'c'; });
  EXPECT_EQ(time.next(), kStart + milliseconds(1));
  EXPECT_FALSE(time.run_due());
  time.pass_to(kStart + milliseconds(2));
  while (time.run_due()) {
  }
  EXPECT_EQ(done, "abc");
  EXPECT_FALSE(time.next());
}

TEST(Time, AnActionMayBringAboutAnother) {
  Time time(kStart);
  int done = 0;
  time.at(kStart, [&] { time.at(kStart, [&] { ++done; }); });
  while (time.run_due()) {
  }
  EXPECT_EQ(done, 1);
}

TEST(Time, NeverGoesBack) {
  Time time(kStart + milliseconds(5));
  time.pass_to(kStart);
  EXPECT_EQ(time.now(), kStart + milliseconds(5));
}

}  // namespace
}  // namespace sim
