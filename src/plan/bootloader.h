// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The system firmware carries a bootloader and writes it by itself when it starts; DFU cannot.

#include "plan/state.h"

namespace plan {

// The bootloader after the firmware in `state` has started. The rule is in index 2, the image in
// index 3 (in index 2 before 0.6.0). If the bootloader was not known: the oldest it may be then, or
// none. (device-os: hal/src/stm32f2xx/bootloader.cpp at v0.5.0, v0.6.3, v0.6.4, v0.7.0)
std::optional<std::uint16_t> bootloader_after_start(const InstalledState& state,
                                                    const release::Catalogue& catalogue);

}  // namespace plan
