// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "discovery/device.h"

namespace flash {

// Sends a running device into DFU mode and waits until it is there, on the same port. A seam for
// tests; switching.h has the one of the jobs.
class ModeSwitcher {
 public:
  virtual ~ModeSwitcher() = default;
  // Errors: timeout (it did not come; then a person has to press MODE), cancelled, access_denied,
  // busy.
  virtual base::Result<discovery::Device> to_dfu(discovery::World& world,
                                                 const platform::Platform& platform,
                                                 const discovery::Device& device,
                                                 base::Micros within,
                                                 const base::CancelToken& cancel) = 0;
};

}  // namespace flash
