// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What differs between releases of the system firmware on the serial line, as a table. Versions are
// those that the device itself reports ("0.4.8-rc.6").

#include "base/clock.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace serial {

// USB vendor requests of the system firmware (device-os v0.6.0: system/src/system_control.cpp;
// v0.6.4, v2.3.1: system/inc/system_control.h).
enum class VendorScheme {
  none,          // up to 0.5.5
  numbers_1,     // 0.6.0: wIndex 1, 2, 3, 4
  numbers_10,    // 0.6.1 to 0.7.x: wIndex 10, 20, 30, …
  asynchronous,  // since 0.8.0
};

// What the device says about a module that it does not take.
enum class RefusalWords {
  claims_success,  // up to 0.6.0: "Downloaded file successfully!", and the old module stays
  mask,            // 0.6.1 to 1.5.2: "Validation failed: 0x44"
  lost_in_reset,   // since 2.0.0: prints an error number, which the reset swallows in 2.3.1
};

struct Generation {
  std::string_view name;          // "0.6.1 to 0.7.x"
  std::array<unsigned, 3> from;   // first release of it
  std::size_t block;              // YMODEM data bytes per packet: 128 or 1024
  bool listening_touch;           // 28800 means listening mode, not YMODEM or nothing
  bool touch_cancels_connecting;  // else 28800 waits for the connection attempt, up to 304 s
  bool swallows_input;            // not listening, it takes bytes and drops them; else it NAKs
  bool bootloader_by_serial;      // accepts a bootloader image
  VendorScheme vendor;
  RefusalWords refusal;
};

std::span<const Generation> generations();  // oldest first

// Of the release that the device names, such as "0.4.8-rc.6"; null if the text is no version. A
// pre-release counts as its release.
const Generation* generation_of(std::string_view release);
// The most careful reading when nothing is known of a device: the oldest one.
const Generation& oldest_generation();

}  // namespace serial
