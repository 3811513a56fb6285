// SPDX-License-Identifier: GPL-3.0-or-later
//
// What can be asked of the computer's own USB without a device. Devices are in tests/vm.
#include "usb/libusb_host.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace usb {
namespace {

constexpr std::uint16_t kNobody = 0xFFFF;

struct LibusbHostTest : testing::Test {
  void SetUp() override {
    auto made = make_libusb_host();
    if (!made) GTEST_SKIP() << made.error().message;
    host = std::move(*made);
  }
  std::unique_ptr<Host> host;
};

TEST_F(LibusbHostTest, ListsNoDeviceOfAVendorThatDoesNotExist) {
  const auto devices = host->list(kNobody);
  ASSERT_TRUE(devices) << devices.error().message;
  EXPECT_TRUE(devices->empty());
}

TEST_F(LibusbHostTest, SaysThatADeviceIsNotThere) {
  DeviceInfo info;
  info.port = {.bus = 200, .ports = {7, 7, 7}};
  info.address = 255;
  const auto opened = host->open(info);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Errc::device_gone);
  EXPECT_NE(opened.error().message.find("usb:200-7.7.7"), std::string::npos);
}

TEST(LibusbBus, GivesHostsThatOutliveItAndWorkSideBySide) {
  std::vector<std::unique_ptr<Host>> hosts;
  {
    LibusbBus bus;
    for (int i = 0; i < 4; ++i) hosts.push_back(bus.host());
  }
  std::vector<std::thread> threads;
  for (const auto& host : hosts) {
    threads.emplace_back([&host] {
      const base::CancelToken never;
      DeviceInfo nobody;
      nobody.port = {.bus = 200, .ports = {7}};
      for (int round = 0; round < 5; ++round) {
        EXPECT_TRUE(host->list(kNobody));
        EXPECT_FALSE(host->open(nobody));
        host->wait_for_change(base::Millis(1), never);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(CheckPorts, RefusesTwoDevicesThatWouldBeTakenForEachOther) {
  DeviceInfo one;
  one.port = {.bus = 1, .ports = {}};
  DeviceInfo other = one;
  other.port.ports = {2};
  EXPECT_TRUE(check_ports({one}));
  EXPECT_TRUE(check_ports({one, other}));
  const auto checked = check_ports({one, one});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::Errc::usb_io);
  EXPECT_NE(checked.error().message.find("bus 1"), std::string::npos);
}

TEST_F(LibusbHostTest, ReturnsFromWaitingWhenThereIsAWishToStop) {
  base::CancelToken cancel;
  cancel.request();
  host->wait_for_change(base::Millis(3'600'000), cancel);
}

TEST_F(LibusbHostTest, ReturnsFromWaitingWithoutAChange) {
  const base::CancelToken cancel;
  host->wait_for_change(base::Millis(1), cancel);
}

}  // namespace
}  // namespace usb
