// SPDX-License-Identifier: GPL-3.0-or-later
//
// Device trees as Windows 10 tells of them: instances, location paths and services in its words.
#include "os/device_tree.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using os::DeviceNode;
using os::DeviceTree;
using os::PortInfo;
using os::UsbDriver;

constexpr const char* kRootHub = R"(USB\ROOT_HUB30\4&1C9B7B2E&0&0)";
constexpr const char* kController =
    R"(PCI\VEN_8086&DEV_A12F&SUBSYS_06E41028&REV_31\3&11583659&0&A0)";
constexpr const char* kDockController =
    R"(PCI\VEN_8086&DEV_15EC&SUBSYS_00000000&REV_06\6&3A2F&0&0010)";
constexpr std::uint16_t kParticle = 0x2B04;

DeviceNode node(std::string instance, std::string parent, std::string location,
                std::string service) {
  DeviceNode made;
  made.instance = std::move(instance);
  made.parent = std::move(parent);
  made.location = std::move(location);
  made.service = std::move(service);
  return made;
}

// A laptop: its own controller, and that of the dock's Thunderbolt, each with its root hub.
DeviceTree laptop() {
  DeviceTree tree;
  tree.controllers = {kDockController, kController};
  tree.nodes = {
      node(kController, R"(ACPI\PNP0A08\0)", "PCIROOT(0)#PCI(1400)", "USBXHCI"),
      node(kRootHub, kController, "PCIROOT(0)#PCI(1400)#USBROOT(0)", "USBHUB3"),
      node(kDockController, R"(PCI\VEN_8086&DEV_15D3\5)", "PCIROOT(0)#PCI(1C00)#PCI(0000)",
           "USBXHCI"),
      node(R"(USB\ROOT_HUB30\7&2A&0&0)", kDockController,
           "PCIROOT(0)#PCI(1C00)#PCI(0000)#USBROOT(0)", "USBHUB3"),
  };
  return tree;
}

// 0.6.0 and newer: three functions below usbccgp; Windows names the COM port's after the device's.
void plug_composite(DeviceTree& tree) {
  DeviceNode device = node(R"(USB\VID_2B04&PID_C00A\2B0036000A47333534393338)", kRootHub,
                           "PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(2)", "usbccgp");
  device.hardware = R"(USB\VID_2B04&PID_C00A&REV_0250)";
  tree.nodes.push_back(device);
  DeviceNode port = node(R"(USB\VID_2B04&PID_C00A&MI_00\6&1A2B3C4D&0&0000)", device.instance,
                         device.location + "#USBMI(0)", "usbser");
  port.port = "COM7";
  tree.nodes.push_back(port);
  tree.nodes.push_back(node(R"(USB\VID_2B04&PID_C00A&MI_02\6&1A2B3C4D&0&0002)", device.instance,
                            device.location + "#USBMI(2)", "WinUSB"));
}

DeviceNode old_device(const std::string& instance_tail, const std::string& hops) {
  DeviceNode device = node(R"(USB\VID_2B04&PID_C00A\)" + instance_tail, kRootHub,
                           "PCIROOT(0)#PCI(1400)#USBROOT(0)" + hops, "usbser");
  device.hardware = R"(USB\VID_2B04&PID_C00A&REV_0200)";
  return device;
}

TEST(SerialPortsIn, NamesTheUsbPortOfACompositeDeviceNotOfItsFunction) {
  DeviceTree tree = laptop();
  plug_composite(tree);
  const auto ports = os::serial_ports_in(tree);
  ASSERT_EQ(ports.size(), 1U);
  EXPECT_EQ(ports[0].path, "COM7");
  EXPECT_EQ(ports[0].vendor, kParticle);
  EXPECT_EQ(ports[0].product, 0xC00A);
  EXPECT_EQ(ports[0].usb_port, "usb:2-2");
  EXPECT_EQ(ports[0].usb_serial, "2B0036000A47333534393338");
  EXPECT_EQ(ports[0].usb_interface, 0);
}

TEST(SerialPortsIn, FollowsTheChainThroughHubs) {
  DeviceTree tree = laptop();
  tree.nodes.push_back(node(R"(USB\VID_05E3&PID_0610\6&2C&0&4)", kRootHub,
                            "PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(4)", "USBHUB3"));
  DeviceNode device = old_device("00000000050C", "#USB(4)#USB(1)#USB(13)");
  device.parent = R"(USB\VID_05E3&PID_0610\6&2C&0&4)";
  device.port = "COM12";
  tree.nodes.push_back(device);
  const auto ports = os::serial_ports_in(tree);
  ASSERT_EQ(ports.size(), 1U);
  EXPECT_EQ(ports[0].usb_port, "usb:2-4.1.13");
}

TEST(SerialPortsIn, CountsTheDocksControllerInTheSystemsOrder) {
  DeviceTree tree = laptop();
  DeviceNode device = node(R"(USB\VID_2B04&PID_C00A\00000000050C)", R"(usb\root_hub30\7&2a&0&0)",
                           "PCIROOT(0)#PCI(1C00)#PCI(0000)#USBROOT(0)#USB(3)", "usbser");
  device.port = "COM3";
  tree.nodes.push_back(device);
  const auto ports = os::serial_ports_in(tree);
  ASSERT_EQ(ports.size(), 1U);
  EXPECT_EQ(ports[0].usb_port, "usb:1-3");  // instances are compared without regard to case
}

// IgnoreHWSerNum: Windows makes the instance out of the port, since both serial strings are the
// same.
TEST(SerialPortsIn, TellsTwoOldDevicesApartByTheirPorts) {
  DeviceTree tree = laptop();
  DeviceNode first = old_device("5&3B4C&0&1", "#USB(1)");
  first.port = "COM4";
  DeviceNode second = old_device("5&3B4C&0&2", "#USB(2)");
  second.port = "COM10";
  tree.nodes.push_back(first);
  tree.nodes.push_back(second);
  const auto ports = os::serial_ports_in(tree);
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0].path, "COM10");  // by name, as everywhere
  EXPECT_EQ(ports[0].usb_port, "usb:2-2");
  EXPECT_EQ(ports[1].usb_port, "usb:2-1");
  EXPECT_EQ(ports[0].usb_serial, "");  // what Windows has made up is no serial string
}

TEST(SerialPortsIn, LeavesOutWhatIsNoUsbDevice) {
  DeviceTree tree = laptop();
  DeviceNode board =
      node(R"(ACPI\PNP0501\1)", R"(ACPI\PNP0A08\0)", "ACPI(_SB_)#ACPI(UAR1)", "Serial");
  board.port = "COM1";
  tree.nodes.push_back(board);
  DeviceNode phone = node(R"(BTHENUM\{00001101-0000-1000-8000-00805F9B34FB}_VID&0001004C\7&1)",
                          R"(BTH\MS_BTHBRB\7)", "", "BTHMODEM");
  phone.port = "COM5";
  tree.nodes.push_back(phone);
  EXPECT_TRUE(os::serial_ports_in(tree).empty());
}

TEST(SerialPortsIn, KeepsAPortWithoutALocationAndSaysNothingOfWhereItIs) {
  DeviceTree tree = laptop();
  DeviceNode device = old_device("00000000050C", "");
  device.location.clear();
  device.port = "COM6";
  tree.nodes.push_back(device);
  const auto ports = os::serial_ports_in(tree);
  ASSERT_EQ(ports.size(), 1U);
  EXPECT_EQ(ports[0].usb_port, "");
}

TEST(SerialPortsIn, LeavesOutAFunctionWhoseDeviceIsGone) {
  DeviceTree tree = laptop();
  plug_composite(tree);
  std::erase_if(tree.nodes, [](const DeviceNode& one) { return one.service == "usbccgp"; });
  EXPECT_TRUE(os::serial_ports_in(tree).empty());
}

TEST(SerialPortsIn, EndsInATreeThatIsALoop) {
  DeviceTree tree;
  DeviceNode device = old_device("00000000050C", "#USB(1)");
  device.parent = device.instance;
  device.port = "COM8";
  tree.nodes.push_back(device);
  const auto ports = os::serial_ports_in(tree);
  ASSERT_EQ(ports.size(), 1U);
  EXPECT_EQ(ports[0].usb_port, "");
}

TEST(UsbDriversIn, FindsADeviceWithoutADriver) {
  DeviceTree tree = laptop();
  DeviceNode device = node(R"(USB\VID_2B04&PID_D00A\00000000010C)", kRootHub,
                           "PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(5)", "");
  device.hardware = R"(USB\VID_2B04&PID_D00A&REV_0200)";
  device.problem = 28;
  tree.nodes.push_back(device);
  const UsbDriver expected{kParticle, 0xD00A, 0x0200, "usb:2-5", "", 28};
  EXPECT_EQ(os::usb_drivers_in(tree, kParticle), std::vector<UsbDriver>{expected});
}

TEST(UsbDriversIn, CountsACompositeDeviceOnce) {
  DeviceTree tree = laptop();
  plug_composite(tree);
  const UsbDriver expected{kParticle, 0xC00A, 0x0250, "usb:2-2", "usbccgp", 0};
  EXPECT_EQ(os::usb_drivers_in(tree, kParticle), std::vector<UsbDriver>{expected});
}

TEST(UsbDriversIn, TellsOfADeviceThatSpeaksNoUsb) {
  DeviceTree tree = laptop();
  DeviceNode device = node(R"(USB\VID_0000&PID_0002\5&3B4C&0&6)", kRootHub,
                           "PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(6)", "");
  device.problem = 43;
  tree.nodes.push_back(device);
  const UsbDriver expected{0, 0x0002, 0, "usb:2-6", "", 43};
  EXPECT_EQ(os::usb_drivers_in(tree, kParticle), std::vector<UsbDriver>{expected});
}

TEST(UsbDriversIn, LeavesOtherMakersDevicesOut) {
  EXPECT_TRUE(os::usb_drivers_in(laptop(), kParticle).empty());
}

}  // namespace
