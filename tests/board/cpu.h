// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A Cortex-M3 (ARMv7-M): Unicorn executes the instructions; exceptions, the interrupt controller,
// SysTick and the system control block are here. Sources: ARM DDI 0403 (B1.5 exceptions, B3.2
// system control space, B3.3 SysTick, B3.4 NVIC); one interrupt number, the STM32F205's (RM0033,
// table 61), is the caller's business.
//
// Time is counted in cycles of the core clock, and every basic block costs cycles by its length:
// that is the right class of time for a loop, not an exact one.

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

struct uc_struct;
struct uc_context;

namespace board {

// What the core finds on its buses. Addresses are the core's; a width is 1, 2 or 4 bytes.
class Devices {
 public:
  virtual ~Devices() = default;
  virtual std::uint32_t read(std::uint32_t address) = 0;  // the aligned word around it
  virtual void write(std::uint32_t address, unsigned width, std::uint32_t value) = 0;
  // A store to flash memory (`address` as the core has it). The core then puts `value` itself into
  // the cell; what really is there must be put right before anybody reads it, which nobody does
  // before the controller's status.
  virtual void flash_store(std::uint32_t address, unsigned width, std::uint32_t value) = 0;
  // Interrupts whose lines are high.
  virtual bool interrupt_line(unsigned number) const = 0;
  virtual void system_reset() = 0;  // AIRCR.SYSRESETREQ
};

class Cpu {
 public:
  static constexpr std::uint32_t kRam = 0x20000000;
  static constexpr std::uint32_t kRamSize = 128 * 1024;

  // `flash` is seen at flash_base and at 0, as the boot pins say; it must stay where it is.
  // `lines`: the interrupts that devices can raise.
  Cpu(Devices& devices, base::ByteView flash, std::uint32_t flash_base,
      std::vector<unsigned> lines);
  ~Cpu();
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  // Words that can only be read: the unique id, the option bytes. 4 KiB-aligned, as long as one.
  void map_constants(std::uint32_t address, base::ByteView bytes);

  void reset();
  // The instructions in `range` of flash are others than before.
  void forget_translations();

  enum class Stop {
    idle,    // it waits in a loop, or in WFI, for an interrupt
    budget,  // the cycles are used up
    asked,   // stop() was called
    left,    // it jumped to an address beyond `home`
    lost,    // it reads or executes what is not there: a fault without a handler
  };
  // Runs until something happens, but no more than `most` cycles.
  Stop run(std::uint64_t most);
  // From within a Devices call: run() returns after this instruction's block.
  void stop();
  // Code that is executed; anything else in flash is Stop::left.
  void set_home(std::uint32_t begin, std::uint32_t end);
  // Time that went by without instructions: an idle loop, a stalled bus.
  void pass(std::uint64_t cycles) { cycles_ += cycles; }
  std::uint64_t cycles() const { return cycles_; }
  std::uint64_t instructions() const { return instructions_; }  // executed ever
  // When SysTick will next be due, in cycles(); none while it is off.
  bool ticking() const { return (systick_control_ & 1U) != 0; }
  std::uint64_t next_tick() const { return next_tick_; }
  // An interrupt is due and not masked.
  bool wanted() const;
  std::uint32_t pc() const;

  struct Snapshot;
  std::shared_ptr<const Snapshot> save() const;
  void restore(const Snapshot& snapshot);

 private:
  struct Hooks;
  static constexpr unsigned kInterrupts = 96;
  static constexpr unsigned kFirstInterrupt = 16;
  static constexpr unsigned kSysTick = 15;
  static constexpr unsigned kPendSv = 14;

  std::uint32_t reg(int id) const;
  void set_reg(int id, std::uint32_t value);
  std::uint32_t load(std::uint32_t address) const;
  void store(std::uint32_t address, std::uint32_t value);
  std::uint32_t scs_read(std::uint32_t offset);
  void scs_write(std::uint32_t offset, std::uint32_t value);
  void update_tick();
  int priority(unsigned exception) const;
  int running_priority() const;
  unsigned pending_exception() const;
  void enter(unsigned exception);
  void leave(std::uint32_t exc_return);
  bool block(std::uint32_t address, std::uint32_t size);
  void after_write();

  Devices& devices_;
  uc_struct* engine_ = nullptr;
  base::Bytes ram_;
  std::vector<base::Bytes> constants_;
  base::ByteView flash_;
  std::uint32_t flash_base_;
  std::vector<unsigned> lines_;
  std::uint32_t home_begin_ = 0;
  std::uint32_t home_end_ = 0;

  std::array<std::uint32_t, 3> enabled_{};
  std::array<std::uint32_t, 3> pended_{};
  std::array<std::uint8_t, kInterrupts> priorities_{};
  std::array<std::uint8_t, 16> system_priorities_{};
  std::vector<unsigned> active_;
  std::uint32_t vector_table_ = 0;
  std::uint32_t priority_group_ = 0;
  std::uint32_t systick_control_ = 0;
  std::uint32_t systick_reload_ = 0;
  std::uint64_t next_tick_ = 0;
  bool tick_pending_ = false;
  bool tick_flag_ = false;
  bool pendsv_ = false;

  std::uint64_t cycles_ = 0;
  std::uint64_t instructions_ = 0;
  std::uint64_t budget_end_ = 0;
  Stop stop_ = Stop::budget;
  // Looking for a loop that waits: the registers at a block, and what has changed since.
  std::uint32_t probe_blocks_ = 0;
  std::uint32_t probe_pc_ = 0;
  bool probe_clean_ = false;
  std::array<std::uint32_t, 16> probe_registers_{};
};

}  // namespace board
