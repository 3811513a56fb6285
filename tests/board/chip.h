// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The STM32F205 around its core, as far as a bootloader uses it: RCC, PWR, RTC backup registers,
// GPIO with the MODE button, the timer
// that samples it, flash controller, independent watchdog, USB (RM0033). What lies
// outside of the chip, the flash cells and the time come from the virtual board (sim::Hardware).

#include "board/cpu.h"
#include "board/usb_core.h"
#include "sim/board/hardware.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

namespace board {

class Chip final : private Devices {
 public:
  // `hardware` must outlive the chip, and its flash stay where it is.
  explicit Chip(sim::Hardware& hardware);

  // What happened to make the core stop.
  enum class State { running, idle, reset, firmware, crashed };
  // After a reset: the core starts at the vector in flash.
  void start(sim::ResetCause cause);
  // Runs for at most `most`, or until the core waits; moves the hardware's clock on.
  State run(base::Micros most);
  // Runs until the core waits or is over, but no more than `most`.
  State settle(base::Micros most);
  // When the core will have something to do by itself.
  std::optional<base::Instant> next_event() const;
  State state() const { return state_; }

  // Told of everything that changes flash, before it is done.
  struct FlashChange {
    bool erase = false;
    std::uint32_t address = 0;  // the word, or the start of the sector
    std::uint32_t word = 0;
  };
  void set_observer(std::function<void(const FlashChange&)> observer) {
    observer_ = std::move(observer);
  }

  UsbCore& usb() { return usb_; }
  const Cpu& cpu() const { return cpu_; }
  std::uint32_t led_compare(unsigned channel) const;  // TIM2's CCR1 to CCR4

  struct Snapshot;
  std::shared_ptr<const Snapshot> save() const;
  // Into the same chip, its time going on. The flash is the caller's.
  void restore(const Snapshot& snapshot);

 private:
  std::uint32_t read(std::uint32_t address) override;
  void write(std::uint32_t address, unsigned width, std::uint32_t value) override;
  void flash_store(std::uint32_t address, unsigned width, std::uint32_t value) override;
  bool interrupt_line(unsigned number) const override;
  void system_reset() override;

  std::uint32_t reg(std::uint32_t address) const;
  void write_rcc(std::uint32_t offset, std::uint32_t value);
  std::uint32_t read_backup(unsigned index) const;
  void write_backup(unsigned index, std::uint32_t value);
  std::uint32_t read_flash(std::uint32_t offset);
  void write_flash(std::uint32_t offset, std::uint32_t value);
  void erase(std::uint32_t control);
  std::uint32_t protection() const;
  void program_options();
  void write_watchdog(std::uint32_t offset, std::uint32_t value);
  void write_timer(std::uint32_t offset, std::uint32_t value);
  void update_timer();
  void put_right();
  void tell_pull_up();
  void spend_executed();
  void catch_up();
  std::uint32_t clock_mhz() const;

  sim::Hardware& hardware_;
  Cpu cpu_;
  UsbCore usb_;
  State state_ = State::idle;
  std::unordered_map<std::uint32_t, std::uint32_t> registers_;  // that only keep what is written
  std::uint32_t reset_flags_ = 0;                               // RCC_CSR
  // Flash controller.
  std::uint32_t control_ = 0;
  std::uint32_t status_ = 0;
  bool locked_ = true;
  bool options_locked_ = true;
  std::uint32_t options_ = 0;  // OPTCR as it was written; it counts when it is programmed
  std::uint32_t last_key_ = 0;
  std::uint32_t last_option_key_ = 0;
  // The cell last stored to: see Devices::flash_store.
  std::uint32_t cell_ = 0;
  std::array<std::uint8_t, 4> cell_content_{};
  bool cell_open_ = false;
  // Independent watchdog.
  bool watchdog_runs_ = false;
  std::uint32_t prescaler_ = 0;
  std::uint32_t reload_ = 0xFFF;
  // TIM2: its status, and when its counter comes round again.
  std::uint32_t timer_status_ = 0;
  std::optional<base::Instant> timer_next_;
  // The pull-up as the world sees it, and when the core last changed it.
  bool pulled_up_ = false;
  std::uint64_t pull_changed_ = 0;
  // Cycles that the hardware's clock does not know of yet, and up to when it is known here.
  std::uint64_t told_cycles_ = 0;
  base::Instant known_{};
  base::Bytes boot_code_;
  std::function<void(const FlashChange&)> observer_;
};

}  // namespace board
