// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the program on the virtual CPU may touch: flash, the registers that survive a reset, the USB
// pull-up, the watchdog, and the reset itself. The board implements it.

#include "base/clock.h"
#include "sim/flash_memory.h"

#include <array>
#include <cstdint>
#include <random>

namespace sim {

enum class ResetCause { power_on, pin, software, watchdog };

// RTC backup registers that bootloader and firmware share (facts 3.6, 4.2). Kept over resets, lost
// with power (the Electron's coin-cell pin is not modelled).
struct BackupRegisters {
  std::uint16_t dr1 = 0;                  // 0xEDFA: enter DFU once; 0x5AFE: safe mode once
  std::uint16_t dr10 = 0;                 // 0x5000 after a DFU leave
  std::array<std::uint32_t, 20> other{};  // indexes are the register's number
};

class Hardware {
 public:
  virtual ~Hardware() = default;
  virtual base::Instant now() const = 0;
  virtual FlashMemory& flash() = 0;
  virtual BackupRegisters& backup() = 0;
  virtual const std::array<std::uint8_t, 12>& unique_id() const = 0;
  virtual bool mode_pressed() const = 0;
  // USB soft connect / disconnect.
  virtual void pull_up(bool on) = 0;
  // Independent watchdog: resets with ResetCause::watchdog unless fed or stopped by a reset.
  virtual void start_watchdog(base::Micros period) = 0;
  virtual void feed_watchdog() = 0;
  // Resets the CPU once the call into the program that asked has returned.
  virtual void reset(ResetCause cause) = 0;
  // Bootloader: hands the CPU to the system firmware without a reset.
  virtual void start_firmware() = 0;
  // HardFault without handler: dead until power-cycled or RESET is pressed.
  virtual void crash() = 0;
};

}  // namespace sim
