// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The bus: which devices are there, opening one, and waiting for a change.

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "usb/device_info.h"
#include "usb/transport.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace usb {

class Host {
 public:
  virtual ~Host() = default;
  // All devices of `vendor` now on the bus, in port order. Errors: usb_io, access_denied.
  virtual base::Result<std::vector<DeviceInfo>> list(std::uint16_t vendor) = 0;
  // Opens the device that is at info.port with info's address. Errors: device_gone (no longer that
  // one), access_denied (there, but not ours to open), busy, usb_io.
  virtual base::Result<std::unique_ptr<Transport>> open(const DeviceInfo& info) = 0;
  // Whether this user may open it, as far as the system tells without opening it. Errors:
  // access_denied.
  virtual base::Result<> may_open(const DeviceInfo&) { return {}; }
  // Another program that has it open, in words ("dfu-util, process 1234"); none if there is none,
  // or the system does not tell this user.
  virtual std::optional<std::string> user_of(const DeviceInfo&) { return std::nullopt; }
  // Returns when something may have changed on the bus, or after `most`; early returns without a
  // change are allowed. Where the operating system tells of arrivals, that wakes it; elsewhere it
  // is a short wait.
  virtual void wait_for_change(base::Millis most, const base::CancelToken& cancel) = 0;
};

}  // namespace usb
