// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/air/workshop.h"

#include "firmware/build.h"
#include "release/release_set.h"
#include "sim/world/synthetic.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using Indexes = std::initializer_list<std::uint8_t>;

const release::Library& no_files() {
  static const release::Library library;
  return library;
}

base::Bytes part(const std::string& name, std::uint8_t index) {
  release::Version version;
  EXPECT_TRUE(release::Version::parse(name, version));
  const auto parts =
      synthesise_release(*release::Catalogue::embedded().find(version), platform::electron());
  return parts.at(index - 1U);
}

// In safe mode: the application needs 0.6.4.
Start stuck(Workshop& workshop, const std::string& release) {
  firmware::BuildRequest request;
  request.id = platform::kUserPart;
  request.dependency1 = {platform::kSystemPart2, 110};
  ElectronSpec spec;
  spec.release = release;
  spec.modules.push_back(firmware::build(request, platform::electron()));
  const auto start = workshop.make(spec, no_files());
  EXPECT_TRUE(start) << release;
  return *start;
}

TEST(Workshop, AnApplicationThatWantsMoreLeavesTheDeviceInSafeMode) {
  Workshop workshop;
  const Start start = stuck(workshop, "0.5.3");
  EXPECT_TRUE(start.runs);
  EXPECT_TRUE(start.safe_mode);
  EXPECT_EQ(start.version, "0.5.3");
  EXPECT_EQ(start.index2, 21);
  EXPECT_EQ(start.wanted_index2, 110);
  EXPECT_TRUE(start.modules.starts_with("\"m\":[{\"s\":16384,\"l\":\"m\"")) << start.modules;
  EXPECT_TRUE(start.modules.ends_with("]")) << start.modules;
}

TEST(Workshop, PartsInTheRightOrderEndInARunningApplication) {
  Workshop workshop;
  Start now = stuck(workshop, "0.5.3");
  for (const std::uint8_t index : Indexes{3, 1, 2}) {
    const Delivery& delivery = workshop.deliver(now, part("0.6.4", index));
    EXPECT_TRUE(delivery.judgement.accepted()) << int{index};
    EXPECT_TRUE(delivery.restarted);
    now = delivery.start;
    ASSERT_TRUE(now.runs) << int{index};
    EXPECT_EQ(now.safe_mode, index != 2) << int{index};
  }
  EXPECT_EQ(now.version, "0.6.4");
}

TEST(Workshop, ARefusedPartRestartsTheDeviceAndChangesNothing) {
  Workshop workshop;
  const Start before = stuck(workshop, "0.6.4");
  const Delivery& delivery = workshop.deliver(before, part("1.5.2", 2));
  EXPECT_FALSE(delivery.judgement.accepted());
  EXPECT_TRUE(delivery.restarted);
  EXPECT_EQ(delivery.start.modules, before.modules);
}

TEST(Workshop, SinceThreeARefusalDoesNotRestart) {
  Workshop workshop;
  const Start before = stuck(workshop, "3.0.0");
  const Delivery& delivery = workshop.deliver(before, part("0.6.4", 1));
  EXPECT_FALSE(delivery.judgement.accepted());
  EXPECT_FALSE(delivery.restarted);
}

// EF 9.2: with a blank index 3 every dependency holds, and the device is dead afterwards.
TEST(Workshop, IndexTwoWithoutIndexThreeKillsADeviceOfTheFirstGeneration) {
  Workshop workshop;
  const Start before = stuck(workshop, "0.5.3");
  const Delivery& first = workshop.deliver(before, part("0.6.4", 1));
  ASSERT_TRUE(first.judgement.accepted());
  const Delivery& second = workshop.deliver(first.start, part("0.6.4", 2));
  EXPECT_TRUE(second.judgement.accepted());
  EXPECT_FALSE(second.start.runs);
}

TEST(Workshop, TheSameOnTheSameIsWorkedOutOnce) {
  Workshop workshop;
  const Start before = stuck(workshop, "0.5.3");
  const Start again = stuck(workshop, "0.5.3");
  EXPECT_EQ(before.chip, again.chip);
  const Delivery& first = workshop.deliver(before, part("0.6.4", 3));
  EXPECT_EQ(&workshop.deliver(again, part("0.6.4", 3)), &first);
  EXPECT_EQ(workshop.worked_out(), 1U);
}

TEST(Workshop, TheBootloaderFollowsAsTheReleaseDoes) {
  Workshop workshop;
  Start now = stuck(workshop, "0.6.4");
  for (const std::uint8_t index : Indexes{3, 1, 2})
    now = workshop.deliver(now, part("1.5.2", index)).start;
  EXPECT_EQ(now.version, "1.5.2");
  EXPECT_NE(now.modules.find("\"f\":\"b\",\"n\":\"0\",\"v\":400"), std::string::npos)
      << now.modules;
}

// EF 4.4, ota-facts 6: bootloaders up to 0.6.4 copy again after a cut.
TEST(Workshop, APowerCutDuringTheCopyIsMadeGoodByOldBootloaders) {
  Workshop workshop;
  const Start before = stuck(workshop, "0.6.3");
  const Delivery& delivery =
      workshop.deliver(before, part("0.6.4", 3), std::chrono::milliseconds(700));
  EXPECT_TRUE(delivery.start.runs);
  EXPECT_NE(delivery.start.modules, before.modules);
}

}  // namespace
}  // namespace sim
