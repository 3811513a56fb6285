// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The system firmware's USB vendor requests: another way into DFU and listening mode where the
// serial port is of no use. VENDOR.md lists them by release.

#include "base/clock.h"
#include "base/result.h"
#include "platform/electron_history.h"
#include "usb/transport.h"

#include <string>

namespace reach {

enum class VendorRequest { reset, dfu, listening };

// Which release answers, e.g. "0.6.4". Errors: unsupported (up to 0.5.5 nothing answers), and the
// transport's.
base::Result<std::string> vendor_release(usb::Transport& transport);

// Asks for it. The device may act inside the request, so that the request fails although it worked
// (0.6.0 to 0.6.4): those errors count as done, and only the device's return in the other mode
// tells. Errors: unsupported, and for the asynchronous protocol protocol and timeout.
base::Result<> vendor_request(usb::Transport& transport, base::Clock& clock,
                              platform::VendorScheme scheme, VendorRequest request);

}  // namespace reach
