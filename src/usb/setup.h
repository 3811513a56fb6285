// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What both ends of the wire know: the computer that asks, and a virtual device that answers.

#include <cstdint>

namespace usb {

// The setup packet of a control transfer without its wLength (USB 2.0, section 9.3).
struct ControlSetup {
  std::uint8_t request_type = 0;  // bmRequestType
  std::uint8_t request = 0;       // bRequest
  std::uint16_t value = 0;        // wValue
  std::uint16_t index = 0;        // wIndex
};

}  // namespace usb
