// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the bootloader says of itself over USB, byte for byte (device-os v0.5.5, v0.6.4:
// bootloader/src/stm32f2xx/usbd_desc.c, usbd_dfu_core.c; the same bytes in the released images).

#include "base/bytes.h"
#include "sim/board/hardware.h"
#include "sim/bootloader/bootloader_profiles.h"

#include <cstdint>
#include <string>

namespace sim {

base::Bytes dfu_device_descriptor(const BootloaderProfile& profile);
base::ByteView dfu_configuration_descriptor();
base::ByteView dfu_functional_descriptor();
// A string descriptor; indexes 0 to 7 only.
base::Bytes dfu_string_descriptor(std::uint8_t index, const BootloaderProfile& profile,
                                  const UniqueId& unique_id);
// Microsoft OS descriptors: string 0xEE and the two feature descriptors.
base::Bytes dfu_microsoft_string();
base::Bytes dfu_microsoft_compatible_id();
base::Bytes dfu_microsoft_properties();

// A USB string descriptor of ASCII text.
base::Bytes string_descriptor(std::string_view text);

}  // namespace sim
