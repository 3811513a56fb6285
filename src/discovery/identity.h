// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a USB serial string says about which device it is, which is often nothing.

#include "discovery/device.h"

#include <string>
#include <string_view>

namespace discovery {

// The device id out of a USB serial string: 24 hex digits, made lower case. Empty for anything
// else, such as the constants that every unit up to 0.5.5 shows ("00000000010C", "00000000050C").
std::string id_from_serial(std::string_view serial);

// True if `device` is what the selector names. An empty selector matches everything.
bool matches(const Selector& selector, const Device& device);

// One line that can be pasted: "--device usb:1-2   dfu  2b0036000a47333534393338".
std::string selection_line(const Device& device);

}  // namespace discovery
