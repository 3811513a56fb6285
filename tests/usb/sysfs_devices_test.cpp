// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/sysfs_devices.h"

#include "base/files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace usb {
namespace {

namespace fs = std::filesystem;

struct SysfsDevices : testing::Test {
  SysfsDevices() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder = testing::TempDir() + "sysfs-" + test->name();
    fs::create_directories(folder);
  }
  ~SysfsDevices() override { fs::remove_all(folder); }

  void add(const std::string& name, const std::map<std::string, std::string>& files) const {
    fs::create_directories(fs::path(folder) / name);
    for (const auto& [file, text] : files) {
      std::ofstream(fs::path(folder) / name / file) << text << '\n';
    }
  }
  static std::map<std::string, std::string> electron() {
    return {{"idVendor", "2b04"}, {"idProduct", "d00a"}, {"bcdDevice", "0250"},
            {"devnum", "17"},     {"busnum", "1"},       {"serial", "2B0036000A47353235303037"}};
  }

  std::string folder;
};

TEST_F(SysfsDevices, TellEverythingThatTheKernelKnows) {
  add("1-2.4", electron());
  const auto devices = devices_in_sysfs(folder, 0x2B04);
  ASSERT_TRUE(devices) << devices.error().message;
  ASSERT_EQ(devices->size(), 1U);
  const DeviceInfo& info = devices->front();
  EXPECT_EQ(info.port, (PortPath{1, {2, 4}}));
  EXPECT_EQ(info.product, 0xD00A);
  EXPECT_EQ(info.bcd_device, 0x0250);
  EXPECT_EQ(info.address, 17);
  EXPECT_EQ(info.serial, "2B0036000A47353235303037");
}

TEST_F(SysfsDevices, AreInPortOrderWithoutControllersInterfacesAndOthers) {
  add("1-10", electron());
  add("1-2", electron());
  add("1-2:1.0", {{"bInterfaceClass", "fe"}});
  auto root_hub = electron();
  add("usb1", root_hub);
  auto other = electron();
  other["idVendor"] = "0483";
  add("1-3", other);
  const auto devices = devices_in_sysfs(folder, 0x2B04);
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 2U);
  EXPECT_EQ((*devices)[0].port.ports[0], 2);
  EXPECT_EQ((*devices)[1].port.ports[0], 10);
}

TEST_F(SysfsDevices, HaveAnEmptySerialWhereTheDeviceHasNone) {
  auto nameless = electron();
  nameless.erase("serial");
  add("1-2", nameless);
  EXPECT_EQ(devices_in_sysfs(folder, 0x2B04)->front().serial, "");
}

TEST_F(SysfsDevices, PassOverOneThatVanishesMeanwhile) {
  auto half = electron();
  half.erase("devnum");
  add("1-2", half);
  add("1-3", electron());
  EXPECT_EQ(devices_in_sysfs(folder, 0x2B04)->size(), 1U);
}

TEST_F(SysfsDevices, AreShownAsTheyAreFitForATerminal) {
  auto hostile = electron();
  hostile["serial"] = "\x1b[31mred";
  add("1-2", hostile);
  EXPECT_EQ(devices_in_sysfs(folder, 0x2B04)->front().serial->find('\x1b'), std::string::npos);
}

TEST_F(SysfsDevices, AreAnErrorWhereTheFolderIsMissing) {
  const auto devices = devices_in_sysfs(folder + "/none", 0x2B04);
  ASSERT_FALSE(devices);
  EXPECT_EQ(devices.error().code, base::Errc::usb_io);
}

}  // namespace
}  // namespace usb
