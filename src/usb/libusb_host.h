// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The computer's own USB, through libusb. A host and what it opens belong to one thread; several
// threads make a host each. Where libusb tells of arrivals and departures they end a wait,
// elsewhere (Windows before libusb 1.0.30) waiting is polling.

#include "usb/host.h"

#include <memory>

namespace usb {

// Errors: usb_io or unsupported (this computer has no USB, or does not let us at it).
base::Result<std::unique_ptr<Host>> make_libusb_host();

}  // namespace usb
