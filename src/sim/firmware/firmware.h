// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The system firmware: what the virtual Electron does after its bootloader jumped into system part
// 1. Which release it behaves like follows from the module headers in flash, as on the device:
// index 2 for the rules, the console and the updates, index 3 (since 0.6.0) for the USB identity.
// Parts that are missing, damaged or do not go together hang or panic as the released ones do.

#include "sim/board/hardware.h"
#include "sim/board/program.h"
#include "sim/firmware/surroundings.h"

#include <memory>

namespace sim {

// Never null; does nothing before its first run(). Fits Programs::firmware (board.h).
std::unique_ptr<Program> make_firmware(Hardware& hardware, const FirmwareOptions& options);

}  // namespace sim
