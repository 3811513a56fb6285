// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/virtual_host.h"

#include "sim/virtual_device.h"

namespace sim {
namespace {

using std::chrono::milliseconds;
constexpr std::uint16_t kVendor = 0x2B04;

TEST(VirtualHost, ListsADeviceOnceItIsEnumerated) {
  VirtualDevice device("1006");
  device.board.power(true);
  device.pass(milliseconds(100));
  EXPECT_TRUE(device.host.list(kVendor)->empty());
  device.pass(milliseconds(300));
  const auto list = device.host.list(kVendor);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().product, 0xD00A);
  EXPECT_EQ(list->front().bcd_device, 0x0250);
  EXPECT_EQ(list->front().serial_string, 3);
  EXPECT_EQ(usb::to_string(list->front().port), "usb:1-1");
  EXPECT_TRUE(device.host.list(0x1234)->empty());
}

TEST(VirtualHost, ReplugKeepsThePortAndChangesTheAddress) {
  VirtualDevice device("1006");
  device.start();
  const usb::DeviceInfo before = device.host.list(kVendor)->front();
  device.board.plug(false);
  EXPECT_TRUE(device.host.list(kVendor)->empty());
  device.board.plug(true);
  device.pass(milliseconds(500));
  const usb::DeviceInfo after = device.host.list(kVendor)->front();
  EXPECT_EQ(after.port, before.port);
  EXPECT_NE(after.address, before.address);
}

TEST(VirtualHost, OldTransportOfADeviceThatCameBackIsGone) {
  VirtualDevice device("1006");
  device.start();
  const usb::DeviceInfo before = device.host.list(kVendor)->front();
  auto transport = device.host.open(before);
  ASSERT_TRUE(transport.has_value());
  EXPECT_EQ(*(*transport)->string(2), "Electron DFU Mode");
  device.board.plug(false);
  device.board.plug(true);
  device.pass(milliseconds(500));
  std::array<std::uint8_t, 6> status{};
  const auto result = (*transport)->control_in({0xA1, 3, 0, 0}, status, milliseconds(100));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, base::Errc::device_gone);
  EXPECT_EQ((*transport)->configuration().error().code, base::Errc::device_gone);
  EXPECT_EQ(device.host.open(before).error().code, base::Errc::device_gone);
}

TEST(VirtualHost, InterfaceBelongsToOneAtATime) {
  VirtualDevice device("1006");
  device.start();
  const usb::DeviceInfo info = device.host.list(kVendor)->front();
  auto first = device.host.open(info);
  auto second = device.host.open(info);
  EXPECT_TRUE((*first)->claim_interface(0).has_value());
  EXPECT_TRUE((*first)->claim_interface(0).has_value());
  EXPECT_EQ((*second)->claim_interface(0).error().code, base::Errc::busy);
  first->reset();
  EXPECT_TRUE((*second)->claim_interface(0).has_value());
}

TEST(VirtualHost, TransportReadsWritesAndSelects) {
  VirtualDevice device("1006");
  device.start();
  auto transport = device.host.open(device.host.list(kVendor)->front());
  EXPECT_EQ((*transport)->configuration()->size(), 36U);
  EXPECT_TRUE((*transport)->select_alt(0, 1).has_value());
  EXPECT_EQ((*transport)->select_alt(0, 2).error().code, base::Errc::usb_stall);
  EXPECT_TRUE((*transport)->select_alt(0, 0).has_value());
  const auto sent = (*transport)->control_out({0x21, 1, 2, 0}, pattern(64, 1), milliseconds(100));
  EXPECT_EQ(*sent, 64U);
  std::array<std::uint8_t, 6> status{};
  EXPECT_EQ(*(*transport)->control_in({0xA1, 3, 0, 0}, status, milliseconds(1000)), 6U);
  EXPECT_EQ(status[4], 4);
}

TEST(VirtualHost, TransfersTakeBusTime) {
  VirtualDevice device("1006");
  device.start();
  const auto before = device.wire.now();
  ASSERT_TRUE(device.upload(2, 4096).ok());
  const base::Micros took = device.wire.now() - before;
  EXPECT_GE(took, milliseconds(4));
  EXPECT_LE(took, milliseconds(5));
}

TEST(VirtualHost, WaitForChangeEndsAtAnArrivalOrInTime) {
  VirtualDevice device("1006");
  base::CancelToken cancel;
  device.board.power(true);
  device.host.wait_for_change(milliseconds(5000), cancel);
  EXPECT_LT(device.wire.now().time_since_epoch(), milliseconds(1000));
  EXPECT_EQ(device.host.list(kVendor)->size(), 1U);
  const auto before = device.wire.now();
  device.host.wait_for_change(milliseconds(5000), cancel);
  EXPECT_EQ(device.wire.now() - before, milliseconds(5000));
  cancel.request();
  device.host.wait_for_change(milliseconds(5000), cancel);
  EXPECT_EQ(device.wire.now() - before, milliseconds(5000));
}

TEST(VirtualHost, WorldsHandActsInTheMiddleOfATransfer) {
  VirtualDevice device("1006");
  device.start();
  ASSERT_TRUE(device.dnload(0, VirtualDevice::address_command(0x41, kIndex1)).ok());
  device.wire.at(device.wire.now() + milliseconds(100), [&] { device.board.plug(false); });
  EXPECT_TRUE(device.get_status().gone());
}

TEST(VirtualHost, OutsideKernelGetsTheMomentOfCompletion) {
  VirtualDevice device("1006", VirtualHost::Enumeration::outside);
  device.start();
  EXPECT_TRUE(device.host.list(kVendor)->empty());
  EXPECT_EQ(device.wire.submit_control(0, {0x00, 9, 1, 0}, 0, {}).reply.kind,
            ControlReply::Kind::done);
  const base::Bytes erase = VirtualDevice::address_command(0x41, kIndex1);
  device.wire.submit_control(0, {0x21, 1, 0, 0}, 5, erase);
  const auto pending = device.wire.submit_control(0, {0xA1, 3, 0, 0}, 6, {});
  EXPECT_EQ(pending.reply.data[4], 4);
  EXPECT_GE(pending.done - device.wire.now(), milliseconds(1000));
  EXPECT_EQ(device.wire.ready_at(0) - device.wire.now(), milliseconds(1000));
  device.wire.advance_to(pending.done);
  EXPECT_EQ(device.wire.ready_at(0), device.wire.now());
}

TEST(VirtualClock, SleepMovesTheWorldAndEndsAtAWishToStop) {
  VirtualDevice device("1006");
  base::CancelToken cancel;
  device.board.power(true);
  device.clock.sleep(milliseconds(500), cancel);
  EXPECT_EQ(device.clock.now().time_since_epoch(), milliseconds(500));
  EXPECT_TRUE(device.board.attached());
  device.wire.at(device.wire.now() + milliseconds(100), [&] { cancel.request(); });
  device.clock.sleep(milliseconds(500), cancel);
  EXPECT_EQ(device.clock.now().time_since_epoch(), milliseconds(600));
}

}  // namespace
}  // namespace sim
