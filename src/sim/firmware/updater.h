// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How the firmware puts modules in place: the bootloader at once, all others through an update slot
// in the configuration, from which the bootloader copies at the next reset
// (device-os v0.6.4: hal/src/stm32f2xx/ota_flash_hal_stm32f2xx.cpp, bootloader.cpp).

#include "sim/board/hardware.h"
#include "sim/firmware/acceptance.h"

namespace sim {

// Erases, programs, compares; the sector is write-protected again afterwards. False: it did not
// take.
bool write_bootloader(Hardware& hardware, const platform::Platform& platform, base::ByteView image);

// The accepted module in the staging area. False: it could not be put in place or registered.
bool apply_staged(Hardware& hardware, const platform::Platform& platform,
                  const SystemProfile& profile, const firmware::ModuleHeader& header);

}  // namespace sim
