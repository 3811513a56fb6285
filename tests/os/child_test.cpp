// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/child.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>

namespace os {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ChildOrder shell(const std::string& script) {
  ChildOrder order;
  order.words = {"/bin/sh", "-c", script};
  order.environment = {{"PATH", "/usr/bin:/bin"}};
  order.most_output = 1000;
  order.most_errors = 1000;
  order.time = seconds(60);
  order.grace = seconds(60);
  return order;
}

TEST(Child, whatItSaysAndHowItEndsIsTold) {
  ChildOrder order = shell("read line; echo \"got $line\"; echo oh >&2; exit 10");
  order.input = "hello\n";
  const ChildEnd end = run_child(order);
  EXPECT_TRUE(end.started);
  EXPECT_EQ(end.exit_code, 10);
  EXPECT_EQ(end.output, "got hello\n");
  EXPECT_EQ(end.errors, "oh\n");
  EXPECT_FALSE(end.flooded);
}

TEST(Child, oneThatIsNotThereSaysWhy) {
  ChildOrder order = shell("");
  order.words = {"/no/such/program"};
  const ChildEnd end = run_child(order);
  EXPECT_FALSE(end.started);
  EXPECT_FALSE(end.problem.empty());
  order.words.clear();
  EXPECT_FALSE(run_child(order).started);
}

TEST(Child, itsEnvironmentIsWhatWasSaidAndNothingElse) {
  ::setenv("ER_CHILD_TEST", "leaks", 1);  // NOLINT(concurrency-mt-unsafe)
  ChildOrder order = shell("echo \"[$ER_SLOT][$ER_CHILD_TEST]\"");
  order.environment.emplace_back("ER_SLOT", "A1");
  EXPECT_EQ(run_child(order).output, "[A1][]\n");
}

TEST(Child, oneThatHangsIsEndedAndSaidToHaveRunOutOfTime) {
  ChildOrder order = shell("sleep 1000");
  order.time = milliseconds(50);
  const ChildEnd end = run_child(order);
  EXPECT_TRUE(end.timed_out);
  EXPECT_FALSE(end.killed);
  EXPECT_FALSE(end.exit_code);
}

TEST(Child, oneThatIgnoresTermIsKilledWithAllThatItStarted) {
  ChildOrder order =
      shell("trap '' TERM; (trap '' TERM; sleep 1000) & while :; do sleep 1000; done");
  order.time = milliseconds(50);
  order.grace = milliseconds(100);
  const ChildEnd end = run_child(order);
  EXPECT_TRUE(end.timed_out);
  EXPECT_TRUE(end.killed);
}

TEST(Child, oneThatFloodsIsReadToItsEndAndKeptNoMoreThanWanted) {
  const ChildEnd end =
      run_child(shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 3"));
  EXPECT_EQ(end.exit_code, 3);
  EXPECT_TRUE(end.flooded);
  EXPECT_EQ(end.output.size(), 1000U);
  EXPECT_EQ(end.errors.size(), 1000U);
}

TEST(Child, oneThatReadsNothingOfALongInputIsNoTrouble) {
  ChildOrder order = shell("exit 0");
  order.input = std::string(1'000'000, 'x');
  EXPECT_EQ(run_child(order).exit_code, 0);
}

TEST(Child, oneThatLeavesSomethingBehindIsNotWaitedFor) {
  const ChildEnd end = run_child(shell("sleep 1000 & echo done"));
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.output, "done\n");
  EXPECT_FALSE(end.timed_out);
}

TEST(Child, aWishToStopEndsIt) {
  ChildOrder order = shell("sleep 1000");
  order.stop = [] { return true; };
  const ChildEnd end = run_child(order);
  EXPECT_TRUE(end.stopped);
  EXPECT_FALSE(end.timed_out);
}

}  // namespace
}  // namespace os
