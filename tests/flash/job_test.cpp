// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/job.h"

#include "virtual_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flash::test {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kSmall = 9000;

TEST(RunJob, BringsADeviceInDfuModeToTheNextRelease) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, kSmall);
  const DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_TRUE(bench.runs());
  EXPECT_EQ(report.confirmed, ConfirmedBy::enumeration);
  EXPECT_EQ(report.whereabouts, Whereabouts::serial);
  ASSERT_EQ(report.stages.size(), 1U);
  for (const StepReport& step : report.stages[0].steps) {
    EXPECT_TRUE(step.erased && step.written && step.verified);
    EXPECT_EQ(step.attempts, 1);
  }
}

TEST(RunJob, SendsARunningDeviceToDfuModeFirst) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.power_on();
  ASSERT_TRUE(bench.runs());
  const release::Library files = library({"0.6.4"}, kSmall);
  const DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_EQ(bench.times_mode_pressed, 0);
}

TEST(RunJob, GoesInTwoStagesAndStartsTheDeviceInBetween) {
  VirtualBench bench("6");
  bench.install("0.4.8-rc.6", kSmall);
  bench.power_on();
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_EQ(report.stages.size(), 2U);
  EXPECT_EQ(report.stages[0].release.text(), "0.5.3");
  EXPECT_TRUE(report.stages[0].booted);
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_TRUE(bench.runs());
  EXPECT_EQ(bench.times_mode_pressed, 0);
}

}  // namespace
}  // namespace flash::test
