// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/look.h"

#include "discovery/identity.h"

#include <algorithm>

namespace discovery {
namespace {

bool is_serial_port_of(const serial::PortInfo& port, const platform::Platform& platform) {
  return port.vendor == platform.usb.vendor && port.product == platform.usb.serial_product;
}

// The serial port of the device at `info`, or null. Where the operating system does not tell which
// USB port a serial port belongs to, a single candidate is taken for the single device.
const serial::PortInfo* serial_port_of(const usb::DeviceInfo& info,
                                       const platform::Platform& platform,
                                       const std::vector<serial::PortInfo>& ports, bool only_one) {
  const std::string here = usb::to_string(info.port);
  const serial::PortInfo* own = nullptr;
  const serial::PortInfo* nameless = nullptr;
  int nameless_count = 0;
  for (const serial::PortInfo& port : ports) {
    if (!is_serial_port_of(port, platform)) continue;
    // An application may open a second port on the same device; the first is the system's.
    if (port.usb_port == here && (own == nullptr || port.usb_interface < own->usb_interface)) {
      own = &port;
    }
    if (port.usb_port.empty()) {
      nameless = &port;
      ++nameless_count;
    }
  }
  if (own != nullptr) return own;
  return only_one && nameless_count == 1 ? nameless : nullptr;
}

}  // namespace

base::Result<std::vector<Device>> look(World& world, const platform::Platform& platform) {
  TRY_ASSIGN(const std::vector<usb::DeviceInfo> infos, world.usb.list(platform.usb.vendor));
  std::vector<Device> devices;
  for (const usb::DeviceInfo& info : infos) {
    if (info.vendor != platform.usb.vendor) continue;
    if (info.product != platform.usb.dfu_product && info.product != platform.usb.serial_product) {
      continue;
    }
    Device device;
    device.info = info;
    device.mode = info.product == platform.usb.dfu_product ? Mode::dfu : Mode::serial;
    if (info.serial) device.id = id_from_serial(*info.serial);
    devices.push_back(std::move(device));
  }
  const auto running = std::count_if(devices.begin(), devices.end(),
                                     [](const Device& d) { return d.mode == Mode::serial; });
  if (running == 0) return devices;
  TRY_ASSIGN(const std::vector<serial::PortInfo> ports, world.serial.list());
  for (Device& device : devices) {
    if (device.mode != Mode::serial) continue;
    const serial::PortInfo* port = serial_port_of(device.info, platform, ports, running == 1);
    if (port == nullptr) continue;
    device.serial_path = port->path;
    if (device.id.empty()) device.id = id_from_serial(port->usb_serial);
  }
  return devices;
}

bool is_told(const Device& device) {
  // A running device is left alone: its serial string came with its serial port, if at all.
  return device.mode != Mode::dfu || device.info.serial || device.info.serial_string == 0;
}

void complete(World& world, Device& device) {
  device.asked = true;
  if (device.mode != Mode::dfu) return;
  if (is_told(device)) {
    if (const auto allowed = world.usb.may_open(device.info); !allowed) {
      device.problem = allowed.error().message;
    }
    return;
  }
  auto transport = world.usb.open(device.info);
  if (!transport) {
    device.problem = transport.error().message;
    return;
  }
  const auto serial = (*transport)->string(device.info.serial_string);
  if (serial) device.id = id_from_serial(*serial);
}

}  // namespace discovery
