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

enum class VendorRequest { reset, dfu, listening, stop_listening };

// Which release answers, e.g. "0.6.4". Errors: unsupported (up to 0.5.5 nothing answers), and the
// transport's.
base::Result<std::string> vendor_release(usb::Transport& transport);
// The device id, 24 digits in lower case. Since 0.6.1; the same errors.
base::Result<std::string> vendor_device_id(usb::Transport& transport);

// Asks for it. The device may act inside the request, so that the request fails although it worked
// (0.6.0 to 0.6.4): those errors count as done; and what is answered may have been lost all the
// same: only the device's return in the other mode tells. Errors: unsupported; timeout, if the
// device leaves it unanswered: such a request keeps memory until the next start, a handful of them
// and none is taken any more, so it must not be repeated blindly; and the transport's.
base::Result<> vendor_request(usb::Transport& transport, base::Clock& clock,
                              platform::VendorScheme scheme, VendorRequest request);

// Whether a device with the asynchronous protocol listens: only then it answers questions. Errors:
// timeout if it does not, which keeps memory as above.
base::Result<> vendor_listens(usb::Transport& transport, base::Clock& clock);

// The module list of a device with the asynchronous protocol that listens: since 1.1.0 a message
// (way/module_message.h), before that the text of the console's `s`. Errors: as vendor_request().
base::Result<base::Bytes> vendor_modules(usb::Transport& transport, base::Clock& clock);

}  // namespace reach
