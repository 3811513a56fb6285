// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/ports_linux.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>

namespace {

using os::usb_port_of;

TEST(UsbPortOf, TakesTheChainOfPortsFromTheInterface) {
  EXPECT_EQ(usb_port_of("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0"), "usb:1-2");
  EXPECT_EQ(usb_port_of("/sys/devices/platform/vhci_hcd.0/usb3/3-1/3-1.4/3-1.4.2/3-1.4.2:1.0"),
            "usb:3-1.4.2");
}

TEST(UsbPortOf, IsEmptyForOtherPorts) {
  EXPECT_EQ(usb_port_of(""), "");
  EXPECT_EQ(usb_port_of("/sys/devices/pnp0/00:04"), "");
  EXPECT_EQ(usb_port_of("/sys/devices/platform/serial8250"), "");
  EXPECT_EQ(usb_port_of("/sys/devices/usb1/1-:1.0"), "");
  EXPECT_EQ(usb_port_of("/sys/devices/usb1/-2:1.0"), "");
}

// A folder as /sys is: one device with two serial ports, and a port that is none of USB.
class Sysfs : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sysfs_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    std::filesystem::create_directories(root_ / "class/tty/ttyS0");
    std::filesystem::create_directories(root_ / "devices/pnp0/00:04");
    link("ttyS0", "devices/pnp0/00:04");
    add("ttyACM9", 0);
    add("ttyACM10", 3);
    put("usb1/1-2/idVendor", "2b04");
    put("usb1/1-2/idProduct", "c00a");
    put("usb1/1-2/serial", "2B0036000A47333534393338");
    put("usb1/1-2/busnum", "1");
    put("usb1/1-2/devnum", "17");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void put(const std::string& name, const std::string& text) {
    std::ofstream(root_ / "devices" / name) << text << '\n';
  }
  void link(const std::string& tty, const std::string& device) {
    std::filesystem::create_directories(root_ / "class/tty" / tty);
    std::filesystem::create_symlink(root_ / device, root_ / "class/tty" / tty / "device");
  }
  void add(const std::string& tty, int interface) {
    const std::string name = "usb1/1-2/1-2:1." + std::to_string(interface);
    std::filesystem::create_directories(root_ / "devices" / name);
    put(name + "/bInterfaceNumber", "0" + std::to_string(interface));
    link(tty, "devices/" + name);
  }
  auto ports() const { return os::ports_in_sysfs((root_ / "class/tty").string()); }

  std::filesystem::path root_;
};

TEST_F(Sysfs, TellsThePortsOfUsbDevices) {
  const auto found = ports();
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->size(), 2U);
  const os::PortInfo& port = found->back();
  EXPECT_EQ(port.path, "/dev/ttyACM9");
  EXPECT_EQ(port.vendor, 0x2B04);
  EXPECT_EQ(port.product, 0xC00A);
  EXPECT_EQ(port.usb_port, "usb:1-2");
  EXPECT_EQ(port.usb_serial, "2B0036000A47333534393338");
  EXPECT_EQ(port.usb_interface, 0);
  EXPECT_EQ(found->front().usb_interface, 3);
}

TEST_F(Sysfs, LeavesOutAPortThatVanishesMeanwhile) {
  std::filesystem::remove_all(root_ / "devices/usb1/1-2/1-2:1.3");
  ASSERT_TRUE(ports());
  EXPECT_EQ(ports()->size(), 1U);
  std::filesystem::remove(root_ / "devices/usb1/1-2/idVendor");
  ASSERT_TRUE(ports());
  EXPECT_TRUE(ports()->empty());
}

TEST_F(Sysfs, ThatIsNotThereIsAnError) {
  std::filesystem::remove_all(root_ / "class");
  ASSERT_FALSE(ports());
  EXPECT_EQ(ports().error(), std::errc::no_such_file_or_directory);
}

}  // namespace
