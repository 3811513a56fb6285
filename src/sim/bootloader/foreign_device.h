// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A DFU device that is no Electron: the STM32's own boot loader in ROM, as a developer may have it
// plugged in beside one (ST AN2606, AN3156). It enumerates, tells its memory map and its state; it
// turns its LED red at the first request that would change something, so that a test can see
// whether it was left alone.

#include "sim/board/hardware.h"
#include "sim/board/program.h"

#include <memory>

namespace sim {

inline constexpr std::uint16_t kForeignVendor = 0x0483;
inline constexpr std::uint16_t kForeignProduct = 0xDF11;

// For Programs::bootloader.
std::unique_ptr<Program> make_foreign_device(Hardware& hardware);

}  // namespace sim
