// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "serial/port.h"
#include "usb/host.h"

namespace discovery {

class PortLocks;

// The world in three interfaces: the computer's own, or a simulated one. Whoever works on devices
// takes a World& or less. Owned by main or by a test; outlives everything that is given it.
struct World {
  usb::Host& usb;
  serial::Ports& serial;
  base::Clock& clock;
  // Who works on which port; null where nobody else can (a simulated world).
  PortLocks* locks = nullptr;
};

}  // namespace discovery
