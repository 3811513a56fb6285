// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The computer's own USB, through libusb. Thread-safe, as long as each device that it opens belongs
// to one thread. Where libusb tells of arrivals and departures a thread of the host's own waits for
// them, on a context of its own, and only wakes whoever waits; elsewhere (Windows before libusb
// 1.0.30) waiting is polling.

#include "usb/host.h"

#include <memory>

namespace usb {

// Errors: usb_io or unsupported (this computer has no USB, or does not let us at it).
base::Result<std::unique_ptr<Host>> make_libusb_host();

}  // namespace usb
