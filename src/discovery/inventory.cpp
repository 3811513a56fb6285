// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/inventory.h"

#include <utility>

namespace discovery {
namespace {

bool told_alike(const Device& a, const Device& b) {
  return a.mode == b.mode && a.id == b.id && a.serial_path == b.serial_path &&
         a.problem == b.problem;
}

}  // namespace

bool same_enumeration(const usb::DeviceInfo& a, const usb::DeviceInfo& b) {
  return a.port == b.port && a.address == b.address && a.product == b.product;
}

std::vector<Change> Inventory::update(std::vector<Device> snapshot) {
  std::map<usb::PortPath, Device> now;
  for (Device& device : snapshot) now.insert_or_assign(device.port(), std::move(device));
  std::vector<Change> changes;
  for (const auto& [port, device] : devices_) {
    const auto still = now.find(port);
    if (still == now.end() || !same_enumeration(still->second.info, device.info)) {
      changes.push_back(Left{device});
    }
  }
  for (const auto& [port, device] : now) {
    const Device* const before = on(port);
    if (before == nullptr || !same_enumeration(before->info, device.info)) {
      changes.push_back(Arrived{device});
    } else if (!told_alike(*before, device)) {
      changes.push_back(Changed{*before, device});
    }
  }
  devices_ = std::move(now);
  return changes;
}

const Device* Inventory::on(const usb::PortPath& port) const {
  const auto found = devices_.find(port);
  return found == devices_.end() ? nullptr : &found->second;
}

}  // namespace discovery
