// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "usb/device_info.h"

#include <cstdint>
#include <optional>

namespace dfu {

// How a bootloader differs from what the DfuSe specification says.
struct BootloaderTraits {
  // The wait in bwPollTimeout means nothing: the work is over when GETSTATUS completes.
  bool poll_timeout_is_decoration = false;
  // An erase or a write that has failed shows at once. False where that is not certain.
  bool reports_failures = false;
};

// The traits of the bootloader behind a USB device. `version` is the module version in the
// bootloader's header, where the caller has read it out of flash; without it the descriptors
// decide. A bootloader that no row of the table knows gets the defaults: the specification's word.
BootloaderTraits traits_of(const usb::DeviceInfo& device, std::optional<std::uint16_t> version);

}  // namespace dfu
