// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bootloader/foreign_device.h"

#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;
constexpr std::uint16_t kParticle = 0x2B04;

// An Electron in DFU mode on port 1, somebody else's DFU device on port 2.
std::unique_ptr<SimWorld> both() {
  ElectronSpec electron;
  electron.release = "0.6.4";
  electron.mode = ElectronSpec::Mode::dfu;
  ElectronSpec gadget;
  gadget.foreign = true;
  auto world =
      SimWorld::make({electron, gadget}, release::Library{}, VirtualHost::Enumeration::here);
  return world ? std::move(*world) : nullptr;
}

base::Result<std::unique_ptr<usb::Transport>> open(SimWorld& world) {
  TRY_ASSIGN(const auto devices, world.usb().list(kForeignVendor));
  return world.usb().open(devices.at(0));
}

TEST(ForeignDevice, IsOnTheBusBesideAnElectronUnderItsOwnIds) {
  const auto world = both();
  ASSERT_NE(world, nullptr);
  const auto foreign = world->usb().list(kForeignVendor);
  ASSERT_TRUE(foreign && foreign->size() == 1);
  EXPECT_EQ(foreign->front().product, kForeignProduct);
  EXPECT_EQ(foreign->front().port.ports, std::vector<std::uint8_t>{2});
  const auto particle = world->usb().list(kParticle);
  ASSERT_TRUE(particle && particle->size() == 1);
}

TEST(ForeignDevice, TellsItsStateAndStaysGreen) {
  const auto world = both();
  ASSERT_NE(world, nullptr);
  const auto device = open(*world);
  ASSERT_TRUE(device);
  std::array<std::uint8_t, 6> status{};
  const auto got = (*device)->control_in({0xA1, 3, 0, 0}, status, 1000ms);
  ASSERT_TRUE(got && *got == 6);
  EXPECT_EQ(status[4], 2);  // dfuIDLE
  EXPECT_EQ(world->board(1).led(), (Led{"green", "solid"}));
}

TEST(ForeignDevice, TurnsRedWhenSomebodyTriesToWrite) {
  const auto world = both();
  ASSERT_NE(world, nullptr);
  const auto device = open(*world);
  ASSERT_TRUE(device);
  const base::Bytes erase{0x41, 0, 0, 0, 8};
  EXPECT_FALSE((*device)->control_out({0x21, 1, 0, 0}, erase, 1000ms));
  EXPECT_EQ(world->board(1).led(), (Led{"red", "solid"}));
}

}  // namespace
}  // namespace sim
