// SPDX-License-Identifier: GPL-3.0-or-later
//
// The seed's procedure and its neighbours, each to its end.

#include "ota/virtual_fleet.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

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

// Of two releases, as an update that stopped leaves them.
struct Mix {
  const char* name;
  const char* device;  // as in a fleet file
  const char* target;
  std::size_t parts;
  // "link": it comes while somebody listens; "failures": it tells what it has after the first part.
  const char* told;
  int needless;  // parts that it had already, which nobody could know
};

class MixedStates : public testing::TestWithParam<Mix> {};

// The device of a test's mix; `more` are further keys of it.
sim::cloud::Options mixed(const Mix& mix, const std::string& more) {
  auto fleet = sim::cloud::parse_fleet(fmt::format(
      R"({{"devices":[{{{}{}}}],"products":[{{"id":1234,"name":"pumps"}}]}})", mix.device, more));
  EXPECT_TRUE(fleet) << fleet.error().message;
  if (!fleet) std::abort();
  return *fleet;
}

// What is known to be there is not sent again.
TEST_P(MixedStates, EndProvedWhereTheDeviceTellsItsParts) {
  for (const char* product : {"", R"(,"product":1234)"}) {
    Bench bench(mixed(GetParam(), std::string(GetParam().told) + product));
    const auto result = bench.run(GetParam().target);
    ASSERT_EQ(result.devices.size(), 1U);
    EXPECT_EQ(result.devices[0].verdict, ota::Verdict::proved) << words(result.devices[0]);
    EXPECT_EQ(result.devices[0].sent.size(), GetParam().parts) << words(result.devices[0]);
    EXPECT_TRUE(is_at(bench.device(), GetParam().target));
    EXPECT_EQ(bench.device().parts_refused(), 0);
    EXPECT_EQ(bench.device().parts_needless(), GetParam().needless);
  }
}

// A device that has been there for hours tells its version alone, and from 0.6.0 to 1.4.0 it says
// nothing to a part that it has already.
TEST_P(MixedStates, OfWhichOnlyTheVersionIsKnownAreNeverCalledProvedWithoutProof) {
  Bench bench(mixed(GetParam(), {}));
  const auto result = bench.run(GetParam().target);
  ASSERT_EQ(result.devices.size(), 1U);
  const ota::DeviceResult& device = result.devices[0];
  EXPECT_FALSE(bench.device().dead());
  if (device.verdict == ota::Verdict::proved) {
    EXPECT_TRUE(is_at(bench.device(), GetParam().target)) << words(device);
  } else if (device.verdict == ota::Verdict::done_already) {
    EXPECT_THAT(words(device), testing::HasSubstr("its single parts it lists in safe mode alone"));
  } else {
    EXPECT_EQ(device.verdict, ota::Verdict::undetermined) << words(device);
  }
}

constexpr const char* kComes = R"(,"link":"offline","returns_after":60)";
constexpr const char* kTells = R"(,"failures":["transfer 1: full-handshake"])";

INSTANTIATE_TEST_SUITE_P(
    All, MixedStates,
    testing::Values(Mix{"Part3Only", R"("release":"0.6.4","parts":{"3":"0.7.0"},"needs":"0.7.0")",
                        "0.7.0", 3, kTells, 1},
                    Mix{"Parts3And1",
                        R"("release":"0.6.4","parts":{"1":"0.7.0","3":"0.7.0"},"needs":"0.7.0")",
                        "0.7.0", 2, kTells, 1},
                    Mix{"SeedPart3", R"("release":"0.5.3","parts":{"3":"0.6.4"},"needs":"0.6.4")",
                        "0.6.4", 2, kComes, 0},
                    Mix{"SeedParts3And1",
                        R"("release":"0.5.3","parts":{"1":"0.6.4","3":"0.6.4"},"needs":"0.6.4")",
                        "0.6.4", 1, kComes, 0},
                    Mix{"Newer", R"("release":"1.5.2","parts":{"3":"2.3.1"},"needs":"2.3.1")",
                        "2.3.1", 2, kComes, 0},
                    Mix{"BackAgain",
                        R"("release":"1.5.2","parts":{"1":"2.3.1","3":"2.3.1"},"needs":"2.3.1")",
                        "1.5.2", 2, kComes, 0}),
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
