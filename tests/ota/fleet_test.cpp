// SPDX-License-Identifier: GPL-3.0-or-later
//
// The seed's procedure and its neighbours, each to its end.

#include "ota/virtual_fleet.h"

namespace ota_test {
namespace {

struct Journey {
  const char* name;
  const char* from;
  const char* needs;  // what the application was built for
  const char* target;
  std::size_t parts;
};

class Journeys : public testing::TestWithParam<Journey> {};

void expect_proved(Bench& bench, const ota::FleetResult& result, const Journey& journey) {
  ASSERT_EQ(result.devices.size(), 1U) << (result.error ? result.error->message : "");
  const ota::DeviceResult& device = result.devices.front();
  EXPECT_EQ(device.verdict, ota::Verdict::proved) << words(device);
  EXPECT_EQ(device.sent.size(), journey.parts) << words(device);
  EXPECT_FALSE(bench.device().dead());
  EXPECT_EQ(bench.device().parts_refused(), 0);
  EXPECT_EQ(bench.device().parts_needless(), 0);
  EXPECT_EQ(bench.device().start().version, journey.target);
  EXPECT_TRUE(bench.records.texts().empty());
}

TEST_P(Journeys, EndProvedForOnesOwnDevice) {
  Bench bench(stuck({GetParam().from}, GetParam().needs));
  expect_proved(bench, bench.run(GetParam().target), GetParam());
}

TEST_P(Journeys, EndProvedForADeviceOfAProduct) {
  Bench bench(in_product(stuck({GetParam().from}, GetParam().needs), 1234));
  expect_proved(bench, bench.run(GetParam().target), GetParam());
  EXPECT_FALSE(bench.device().development());
}

INSTANTIATE_TEST_SUITE_P(All, Journeys,
                         testing::Values(Journey{"Seed", "0.5.3", "0.6.4", "0.6.4", 3},
                                         Journey{"TwoStages", "0.4.8-rc.6", "0.6.4", "0.6.4", 5},
                                         Journey{"Bootloader", "0.6.4", "0.7.0", "0.7.0", 3},
                                         Journey{"Newer", "1.5.2", "2.3.1", "2.3.1", 3},
                                         Journey{"Back", "2.3.1", "1.5.2", "1.5.2", 3},
                                         Journey{"Through064", "0.6.3", "0.7.0", "0.7.0", 6},
                                         Journey{"Satisfied", "0.6.4", "0.6.4", "0.7.0", 3},
                                         Journey{"SatisfiedNewer", "1.5.2", "1.5.2", "2.3.1", 3}),
                         [](const auto& told) { return told.param.name; });

TEST(Fleet, LeavesADeviceAloneThatIsThereAlready) {
  Bench bench(stuck({"0.6.4"}, "0.6.4"));
  const auto result = bench.run("0.6.4");
  ASSERT_EQ(result.devices.size(), 1U);
  EXPECT_EQ(result.devices[0].verdict, ota::Verdict::done_already) << words(result.devices[0]);
  EXPECT_EQ(bench.device().transfers(), 0);
}

}  // namespace
}  // namespace ota_test
