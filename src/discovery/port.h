// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One USB port, and whatever is plugged into it. No other device is opened, whatever is waited for.

#include "discovery/observer.h"

#include <optional>

namespace discovery {

class Port {
 public:
  Port(World& world, const platform::Platform& platform, usb::PortPath path);

  const usb::PortPath& path() const { return path_; }
  // See wait_for() and wait_for_return() in device.h.
  base::Result<Device> await(Want want, base::Micros within, const base::CancelToken& cancel);
  base::Result<Device> await_return(const usb::DeviceInfo& before, Want want, base::Micros within,
                                    const base::CancelToken& cancel);

 private:
  base::Result<Device> await(std::optional<usb::DeviceInfo> before, Want want, base::Micros within,
                             const base::CancelToken& cancel);

  World& world_;
  const platform::Platform& platform_;
  usb::PortPath path_;
};

}  // namespace discovery
