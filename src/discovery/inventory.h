// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is there, as a fold over snapshots: each new one tells what has changed. Pure.

#include "discovery/device.h"

#include <map>
#include <variant>
#include <vector>

namespace discovery {

struct Arrived {
  Device device;
};
struct Left {
  Device device;  // as it was seen last
};
// The same enumeration, of which more is known now: its serial port, its id, that it may be opened.
struct Changed {
  Device before;
  Device now;
};
using Change = std::variant<Arrived, Left, Changed>;

// One enumeration of a device, and not a later one on the same port.
bool same_enumeration(const usb::DeviceInfo& a, const usb::DeviceInfo& b);

class Inventory {
 public:
  // Takes everything that is there now. A device that was enumerated anew has left and arrived.
  // What has left comes first, then the others in port order. The same snapshot again tells
  // nothing.
  std::vector<Change> update(std::vector<Device> snapshot);
  // In port order.
  const std::map<usb::PortPath, Device>& devices() const { return devices_; }
  // Null if there is none on that port.
  const Device* on(const usb::PortPath& port) const;

 private:
  std::map<usb::PortPath, Device> devices_;
};

}  // namespace discovery
