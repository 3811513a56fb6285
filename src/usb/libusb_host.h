// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The computer's own USB, through libusb. A process has one LibusbBus; each thread that works on
// devices takes a host of it. libusb is started when the first device is opened or the first change
// is waited for: where the system itself tells what is there (Linux), listing needs none of it.

#include "usb/host.h"

#include <memory>

namespace usb {

struct LibusbShared;  // what all hosts of a bus have in common

// Thread-safe. What it has made holds what it needs of it.
class LibusbBus {
 public:
  LibusbBus();
  ~LibusbBus();
  LibusbBus(const LibusbBus&) = delete;
  LibusbBus& operator=(const LibusbBus&) = delete;
  // A view of the bus for one thread, like everything that it opens. It may outlive the bus object.
  std::unique_ptr<Host> host();

 private:
  std::shared_ptr<LibusbShared> shared_;
};

// Whether the port of each of them is known: two devices that share one would be taken for each
// other. Errors: usb_io.
base::Result<> check_ports(const std::vector<DeviceInfo>& devices);

// A host on a bus of its own. Errors: usb_io or unsupported (this computer has no USB, or does not
// let us at it).
base::Result<std::unique_ptr<Host>> make_libusb_host();

}  // namespace usb
