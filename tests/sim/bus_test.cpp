// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus.h"

#include "virtual_device.h"

namespace sim {
namespace {

TEST(SimBus, ListsADeviceInDfuModeAfterItsEnumeration) {
  VirtualDevice device("1006");
  device.board.power(true);
  device.pass(base::Millis(100));
  EXPECT_TRUE(device.bus.list(0x2B04)->empty());
  device.pass(base::Millis(300));
  const auto list = device.bus.list(0x2B04);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().product, 0xD00A);
  EXPECT_EQ(usb::to_string(list->front().port), "usb:1-1");
}

TEST(SimBus, ErasesInsideTheStatusRequest) {
  VirtualDevice device("1006");
  device.start();
  const base::Bytes zeros(4096, 0);
  device.board.flash().load(kIndex1, zeros);
  ASSERT_TRUE(device.dnload(0, VirtualDevice::address_command(0x41, kIndex1)).ok());
  EXPECT_EQ(device.flash(kIndex1, 1)[0], 0);
  const auto before = device.bus.now();
  const Answer status = device.get_status();
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status.data()[4], 4);
  EXPECT_GE(device.bus.now() - before, base::Millis(1000));
  EXPECT_TRUE(base::is_blank(device.flash(kIndex1, 0x20000)));
  EXPECT_EQ(device.get_status().data()[4], 5);
}

}  // namespace
}  // namespace sim
