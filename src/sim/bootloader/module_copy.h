// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How the bootloader looks at modules in flash and copies them (device-os v0.6.4: flash_mal.c,
// FLASH_CheckCopyMemory, FLASH_CopyMemory).

#include "firmware/module.h"
#include "sim/board/dct.h"
#include "sim/board/hardware.h"

#include <optional>

namespace sim {

// The header of the module that begins at `address`, as it is; none if that is not in flash.
std::optional<firmware::ModuleHeader> header_at(const FlashMemory& flash, std::uint32_t address);
// The same, if the module's checksum and platform are right and it ends before `limit`.
std::optional<firmware::ModuleHeader> whole_module_at(const FlashMemory& flash,
                                                      std::uint32_t address, std::uint32_t limit);

// Checks as the slot's flags ask, erases (lifting write protection) and programs. Takes the time it
// takes. False: refused or the copy differs.
bool copy_module(Hardware& hardware, const ModuleSlot& slot);

}  // namespace sim
