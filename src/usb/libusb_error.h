// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string_view>

namespace usb {

// What a negative libusb code means to us, with what to do about it. `doing` begins the message
// ("opening usb:1-2"); it may be empty.
base::Error error_from_libusb(int code, std::string_view doing);

}  // namespace usb
