// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/inventory.h"

#include <gtest/gtest.h>

namespace discovery {
namespace {

Device device(std::uint8_t port, std::uint8_t address, std::string id = "") {
  Device device;
  device.info.port = {1, {port}};
  device.info.address = address;
  device.id = std::move(id);
  return device;
}

// "+2" arrived on port 2, "-2" left, "~2" changed.
std::string told(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    if (const auto* arrived = std::get_if<Arrived>(&change)) {
      text += "+" + std::to_string(arrived->device.port().ports[0]);
    } else if (const auto* left = std::get_if<Left>(&change)) {
      text += "-" + std::to_string(left->device.port().ports[0]);
    } else {
      text += "~" + std::to_string(std::get<Changed>(change).now.port().ports[0]);
    }
  }
  return text;
}

TEST(Inventory, TellsArrivalsAndDeparturesInPortOrder) {
  Inventory inventory;
  EXPECT_EQ(told(inventory.update({device(3, 10), device(2, 11)})), "+2+3");
  EXPECT_EQ(told(inventory.update({device(4, 12), device(2, 11)})), "-3+4");
  EXPECT_EQ(told(inventory.update({})), "-2-4");
  EXPECT_TRUE(inventory.devices().empty());
}

TEST(Inventory, TellsNothingOfTheSameSnapshotAgain) {
  Inventory inventory;
  inventory.update({device(2, 10, "id"), device(3, 11)});
  EXPECT_EQ(told(inventory.update({device(2, 10, "id"), device(3, 11)})), "");
  EXPECT_EQ(told(inventory.update({device(3, 11), device(2, 10, "id")})), "");
}

TEST(Inventory, TellsANewEnumerationAsADepartureAndAnArrival) {
  Inventory inventory;
  inventory.update({device(2, 10)});
  EXPECT_EQ(told(inventory.update({device(2, 11)})), "-2+2");
  Device other_mode = device(2, 11);
  other_mode.info.product = 0xC00A;
  EXPECT_EQ(told(inventory.update({other_mode})), "-2+2");
}

TEST(Inventory, TellsWhatHasBecomeKnownOfTheSameEnumeration) {
  Inventory inventory;
  inventory.update({device(2, 10)});
  Device with_port = device(2, 10, "id");
  with_port.serial_path = "/dev/ttyACM0";
  const auto changes = inventory.update({with_port});
  ASSERT_EQ(told(changes), "~2");
  const auto& changed = std::get<Changed>(changes[0]);
  EXPECT_EQ(changed.before.serial_path, "");
  EXPECT_EQ(changed.now.serial_path, "/dev/ttyACM0");
  EXPECT_EQ(inventory.on({1, {2}})->id, "id");
}

TEST(Inventory, TellsOfADepartureWhatWasSeenLast) {
  Inventory inventory;
  inventory.update({device(2, 10, "id")});
  const auto changes = inventory.update({});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(std::get<Left>(changes[0]).device.id, "id");
  EXPECT_EQ(inventory.on({1, {2}}), nullptr);
}

}  // namespace
}  // namespace discovery
