// SPDX-License-Identifier: GPL-3.0-or-later
//
// Where one device is wanted and several are there.

#include "cli/harness.h"
#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli_test {
namespace {

TEST(SeveralDevices, AreNamedByAnErrorAsDataToo) {
  auto made = sim::SimWorld::make({*sim::parse_state("2.3.1"), *sim::parse_state("0.6.4")},
                                  release::Library(), sim::VirtualHost::Enumeration::here);
  ASSERT_TRUE(made);
  sim::SimWorld& sim = **made;
  discovery::World world{sim.usb(), sim.serial(), sim.clock()};
  GivenWorld worlds(world);
  Bench bench;
  const Outcome outcome = bench.run({"mode", "normal", "--json"}, worlds);
  EXPECT_EQ(outcome.code, 3);
  const auto error = outcome.json()["error"];
  EXPECT_EQ(error["code"], "ambiguous-device");
  ASSERT_EQ(error["devices"].size(), 2U);
  for (const auto& device : error["devices"]) {
    EXPECT_THAT(error["message"].get<std::string>(),
                testing::HasSubstr(device["port"].get<std::string>()));
  }
  const std::string port = error["devices"][1]["port"];
  EXPECT_EQ(bench.run({"mode", "normal", "--device", port, "--json"}, worlds).code, 0);
}

}  // namespace
}  // namespace cli_test
