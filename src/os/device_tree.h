// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Windows' device tree as values, and what follows from it: which COM port is on which USB port,
// and which driver a device has. Pure, so that recorded trees test it on every system;
// ports_windows.cpp is what asks Windows.

#include "os/ports.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace os {

// One device as SetupAPI and CfgMgr tell of it.
struct DeviceNode {
  std::string instance;  // "USB\VID_2B04&PID_C00A&MI_00\6&1A2B3C&0&0000"
  std::string parent;    // the instance of the device above; empty at the root
  // The first of its hardware ids, which has the revision: "USB\VID_2B04&PID_D00A&REV_0200"
  std::string hardware;
  // The first location path: "PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(2)#USB(4)#USBMI(0)"
  std::string location;
  std::string service;  // the driver: "usbser", "WinUSB"; empty where it has none
  int problem = 0;      // Device Manager's code (CM_Get_DevNode_Status); 0: it works
  std::string port;     // "COM7"; empty where it is no serial port
};

struct DeviceTree {
  std::vector<DeviceNode> nodes;  // those of USB that are present, and what is above them
  // The instances of the host controllers in the system's order, which libusb 1.0.26 counts from 1.
  std::vector<std::string> controllers;
};

// Sorted by path. What is no USB device is left out.
std::vector<PortInfo> serial_ports_in(const DeviceTree& tree);

// A USB device, and the driver that Windows has given it.
struct UsbDriver {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint16_t revision = 0;  // bcdDevice
  std::string usb_port;        // "usb:1-2.4"; empty if unknown
  std::string service;
  int problem = 0;
  bool operator==(const UsbDriver&) const = default;
};

// Whole devices of `vendor`, not the functions of a composite one; in port order. Also those that
// speak no USB at all (problem 43), which have no vendor: they count for every vendor.
std::vector<UsbDriver> usb_drivers_in(const DeviceTree& tree, std::uint16_t vendor);

// Those of this computer, now. None where devices need no driver of their own (not Windows).
std::vector<UsbDriver> usb_drivers(std::uint16_t vendor);

}  // namespace os
