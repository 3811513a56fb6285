// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the sweep over the virtual cloud's failures has found, one by one.
#include "ota/virtual_fleet.h"

namespace ota_test {
namespace {

sim::cloud::Options with(sim::cloud::Options options, const char* failure) {
  options.failures.push_back(*sim::cloud::parse_failure(failure));
  return options;
}

// In words as its user would type it: again, half an hour later.
ota::FleetResult again(Bench& bench, std::string_view target) {
  bench.cloud->advance_to(bench.cloud->now() + minutes(30));
  return bench.run(target);
}

TEST(OtaHardship, AStartThatIsToldAfterTheEndIsNobodyElses) {
  for (const char* failure : {"event 1: swap", "event 6: swap", "event 1: late", "event 6: late"}) {
    Bench bench(with(stuck({"0.5.3"}, "0.6.4"), failure));
    const auto result = bench.run("0.6.4");
    EXPECT_EQ(result.devices.at(0).verdict, ota::Verdict::proved)
        << failure << words(result.devices.at(0));
    EXPECT_EQ(bench.device().parts_needless(), 0) << failure;
  }
}

TEST(OtaHardship, ADeviceThatComesWhileThePingIsUnderWayIsThere) {
  auto options = stuck({"0.5.3"}, "0.6.4");
  options.devices[0].link = sim::cloud::DeviceOptions::Link::silent;
  options.devices[0].returns_after = seconds(5);
  Bench bench(options);
  const auto result = bench.run("0.6.4");
  EXPECT_EQ(result.devices.at(0).verdict, ota::Verdict::proved) << words(result.devices.at(0));
}

TEST(OtaHardship, TwentyFiveMinutesAfterEachPartAreWaitedFor) {
  Bench bench(with(stuck({"0.5.3"}, "0.6.4"), "transfer 0: late-back 1500"));
  const auto result = bench.run("0.6.4");
  EXPECT_EQ(result.devices.at(0).verdict, ota::Verdict::proved) << words(result.devices.at(0));
}

TEST(OtaHardship, AfterARefusalTheNextRunKnowsWhatWasProved) {
  for (const char* failure : {"flash 2: too-big", "flash 3: needs-modules"}) {
    Bench bench(with(stuck({"2.3.1"}, "3.0.0"), failure));
    EXPECT_EQ(bench.run("1.5.2").devices.at(0).verdict, ota::Verdict::refused) << failure;
    const auto result = again(bench, "1.5.2");
    EXPECT_EQ(result.devices.at(0).verdict, ota::Verdict::proved)
        << failure << words(result.devices.at(0));
    EXPECT_EQ(bench.device().start().index1, 1512) << failure;
    EXPECT_EQ(bench.device().start().index3, 1512) << failure;
    EXPECT_EQ(bench.device().parts_needless(), 0) << failure;
  }
}

// On the way down system part 2 goes first: its version says nothing of the others.
TEST(OtaHardship, WhereSomebodyElseHasSentTheVersionAloneProvesNothing) {
  Bench bench(with(stuck({"2.3.1"}, "3.0.0"), "event 3: somebody"));
  const auto result = bench.run("1.5.2");
  EXPECT_EQ(bench.device().start().index3, 2302);
  EXPECT_EQ(result.devices.at(0).verdict, ota::Verdict::undetermined)
      << words(result.devices.at(0));
}

}  // namespace
}  // namespace ota_test
