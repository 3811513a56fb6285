// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the program on the virtual CPU may touch: flash, the registers that survive a reset, the USB
// pull-up, the watchdog, and the reset itself. The board implements it.
//
// A call into the program is written as linear code. The CPU has its own clock: flash operations
// and spend() move it on, and pull_up(), reset() and the like take effect at the moment that it
// shows. The board lets the world catch up afterwards; until then the CPU answers nobody. A power
// cut in between undoes what lies after it.

#include "base/clock.h"
#include "sim/board/flash_memory.h"

#include <array>
#include <cstdint>

namespace sim {

enum class ResetCause { power_on, pin, software, watchdog };

// RTC backup registers that bootloader and firmware share (device-os v0.6.4: bootloader/src/main.c,
// v0.7.0: system_flags_impl.c). Kept over resets, lost with power (the Electron's coin-cell pin is
// not modelled).
struct BackupRegisters {
  std::uint16_t dr1 = 0;                  // 0xEDFA: enter DFU once; 0x5AFE: safe mode once
  std::uint16_t dr10 = 0;                 // 0x5000 after a DFU leave
  std::array<std::uint32_t, 20> other{};  // indexes are the register's number
};

using UniqueId = std::array<std::uint8_t, 12>;

class Hardware {
 public:
  virtual ~Hardware() = default;
  // The CPU's clock: see above.
  virtual base::Instant now() const = 0;
  // The CPU is at work (or waits in a loop) this long and answers nobody.
  virtual void spend(base::Micros duration) = 0;
  virtual FlashMemory& flash() = 0;
  virtual BackupRegisters& backup() = 0;
  virtual const UniqueId& unique_id() const = 0;
  virtual bool mode_pressed() const = 0;
  // USB soft connect / disconnect.
  virtual void pull_up(bool on) = 0;
  // Independent watchdog: resets with ResetCause::watchdog unless fed or stopped by a reset.
  virtual void start_watchdog(base::Micros period) = 0;
  virtual void feed_watchdog() = 0;
  // The three that end the program. It must return to its caller without touching anything else.
  virtual void reset(ResetCause cause) = 0;
  // Bootloader: hands the CPU to the system firmware without a reset.
  virtual void start_firmware() = 0;
  // HardFault without handler: dead until power-cycled or RESET is pressed; the pull-up stays.
  virtual void crash() = 0;
};

}  // namespace sim
