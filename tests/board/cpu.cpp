// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/cpu.h"

#include <algorithm>
#include <cstring>
#include <unicorn/unicorn.h>

namespace board {
namespace {

constexpr std::uint32_t kPeripherals = 0x40000000;
constexpr std::uint32_t kPeripheralsSize = 0x80000;
constexpr std::uint32_t kBitBand = 0x42000000;
constexpr std::uint32_t kBitBandSize = kPeripheralsSize * 32;
constexpr std::uint32_t kUsb = 0x50000000;
constexpr std::uint32_t kUsbSize = 0x40000;
constexpr std::uint32_t kSystem = 0xE0000000;
constexpr std::uint32_t kSystemSize = 0x100000;
constexpr std::uint32_t kExceptionReturn = 0xFFFFFFF0;
constexpr std::uint32_t kThumb = 1;
// How many blocks a waiting loop may have to be recognised.
constexpr std::uint32_t kProbeEvery = 512;

constexpr int kRegisters[] = {UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2,  UC_ARM_REG_R3,
                              UC_ARM_REG_R4,  UC_ARM_REG_R5, UC_ARM_REG_R6,  UC_ARM_REG_R7,
                              UC_ARM_REG_R8,  UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
                              UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,  UC_ARM_REG_XPSR};

std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

}  // namespace

struct Cpu::Snapshot {
  ~Snapshot() {
    if (context != nullptr) uc_context_free(context);
  }
  uc_context* context = nullptr;
  base::Bytes ram;
  std::array<std::uint32_t, 3> enabled{};
  std::array<std::uint32_t, 3> pended{};
  std::array<std::uint8_t, kInterrupts> priorities{};
  std::array<std::uint8_t, 16> system_priorities{};
  std::vector<unsigned> active;
  std::uint32_t vector_table = 0;
  std::uint32_t priority_group = 0;
  std::uint32_t systick_control = 0;
  std::uint32_t systick_reload = 0;
  std::uint64_t until_tick = 0;
  bool tick_pending = false;
  bool pendsv = false;
};

// Unicorn's callbacks.
struct Cpu::Hooks {
  static std::uint64_t device_read(uc_engine*, std::uint64_t offset, unsigned width, void* self,
                                   std::uint32_t base) {
    Cpu& cpu = *static_cast<Cpu*>(self);
    const std::uint32_t address = base + low(offset);
    const std::uint32_t word = cpu.devices_.read(address & ~3U);
    const std::uint32_t shifted = word >> (8U * (address & 3U));
    return width == 4 ? shifted : shifted & ((1U << (8U * width)) - 1U);
  }
  static void device_write(uc_engine*, std::uint64_t offset, unsigned width, std::uint64_t value,
                           void* self, std::uint32_t base) {
    Cpu& cpu = *static_cast<Cpu*>(self);
    cpu.probe_clean_ = false;
    cpu.devices_.write(base + low(offset), width, low(value));
    cpu.after_write();
  }
  template <std::uint32_t kBase>
  static std::uint64_t read(uc_engine* engine, std::uint64_t offset, unsigned width, void* self) {
    return device_read(engine, offset, width, self, kBase);
  }
  template <std::uint32_t kBase>
  static void write(uc_engine* engine, std::uint64_t offset, unsigned width, std::uint64_t value,
                    void* self) {
    device_write(engine, offset, width, value, self, kBase);
  }
  // ARM DDI 0403, A3.5: each word of the alias is one bit.
  static std::uint64_t bit_read(uc_engine*, std::uint64_t offset, unsigned, void* self) {
    Cpu& cpu = *static_cast<Cpu*>(self);
    const std::uint32_t byte = low(offset) / 32U;
    const std::uint32_t word = cpu.devices_.read(kPeripherals + (byte & ~3U));
    return (word >> ((byte & 3U) * 8U + low(offset) / 4U % 8U)) & 1U;
  }
  static void bit_write(uc_engine*, std::uint64_t offset, unsigned, std::uint64_t value,
                        void* self) {
    Cpu& cpu = *static_cast<Cpu*>(self);
    cpu.probe_clean_ = false;
    const std::uint32_t byte = low(offset) / 32U;
    const std::uint32_t address = kPeripherals + (byte & ~3U);
    const std::uint32_t bit = 1U << ((byte & 3U) * 8U + low(offset) / 4U % 8U);
    const std::uint32_t word = cpu.devices_.read(address);
    cpu.devices_.write(address, 4, (value & 1U) != 0 ? word | bit : word & ~bit);
  }
  static std::uint64_t system_read(uc_engine*, std::uint64_t offset, unsigned width, void* self) {
    const std::uint32_t word = static_cast<Cpu*>(self)->scs_read(low(offset) & ~3U);
    const std::uint32_t shifted = word >> (8U * (low(offset) & 3U));
    return width == 4 ? shifted : shifted & ((1U << (8U * width)) - 1U);
  }
  static void system_write(uc_engine*, std::uint64_t offset, unsigned width, std::uint64_t value,
                           void* self) {
    Cpu& cpu = *static_cast<Cpu*>(self);
    cpu.probe_clean_ = false;
    const std::uint32_t at = low(offset);
    if (width == 4) {
      cpu.scs_write(at, low(value));
      return;
    }
    // Only the priority bytes are written so; merging is right for them.
    const std::uint32_t shift = 8U * (at & 3U);
    const std::uint32_t mask = ((1U << (8U * width)) - 1U) << shift;
    const std::uint32_t word = cpu.scs_read(at & ~3U);
    cpu.scs_write(at & ~3U, (word & ~mask) | ((low(value) << shift) & mask));
  }
  static void block(uc_engine* engine, std::uint64_t address, std::uint32_t size, void* self) {
    if (static_cast<Cpu*>(self)->block(low(address), size)) uc_emu_stop(engine);
  }
  static bool flash_write(uc_engine*, uc_mem_type, std::uint64_t address, int width,
                          std::int64_t value, void* self) {
    Cpu& cpu = *static_cast<Cpu*>(self);
    cpu.probe_clean_ = false;
    cpu.devices_.flash_store(low(address), static_cast<unsigned>(width),
                             static_cast<std::uint32_t>(value));
    return true;
  }
};

Cpu::Cpu(Devices& devices, base::ByteView flash, std::uint32_t flash_base,
         std::vector<unsigned> lines)
    : devices_(devices),
      ram_(kRamSize, 0),
      flash_(flash),
      flash_base_(flash_base),
      lines_(std::move(lines)) {
  uc_open(UC_ARCH_ARM, static_cast<uc_mode>(UC_MODE_THUMB | UC_MODE_MCLASS), &engine_);
  uc_ctl(engine_, UC_CTL_WRITE(UC_CTL_CPU_MODEL, 1), UC_CPU_ARM_CORTEX_M3);
  const auto read_only = static_cast<std::uint32_t>(UC_PROT_READ | UC_PROT_EXEC);
  // Unicorn takes a plain pointer; that the memory is not written is in the rights.
  auto* const bytes = const_cast<std::uint8_t*>(flash_.data());
  uc_mem_map_ptr(engine_, flash_base_, flash_.size(), read_only, bytes);
  uc_mem_map_ptr(engine_, 0, flash_.size(), read_only, bytes);
  uc_mem_map_ptr(engine_, kRam, ram_.size(), UC_PROT_ALL, ram_.data());
  uc_mmio_map(engine_, kPeripherals, kPeripheralsSize, &Hooks::read<kPeripherals>, this,
              &Hooks::write<kPeripherals>, this);
  uc_mmio_map(engine_, kBitBand, kBitBandSize, &Hooks::bit_read, this, &Hooks::bit_write, this);
  uc_mmio_map(engine_, kUsb, kUsbSize, &Hooks::read<kUsb>, this, &Hooks::write<kUsb>, this);
  uc_mmio_map(engine_, kSystem, kSystemSize, &Hooks::system_read, this, &Hooks::system_write, this);
  uc_hook hook = 0;
  // Functions are handed over as void pointers: Unicorn's interface.
  uc_hook_add(engine_, &hook, UC_HOOK_BLOCK, reinterpret_cast<void*>(&Hooks::block), this, 1, 0);
  uc_hook_add(engine_, &hook, UC_HOOK_MEM_WRITE_PROT, reinterpret_cast<void*>(&Hooks::flash_write),
              this, 1, 0);
}

Cpu::~Cpu() {
  if (engine_ != nullptr) uc_close(engine_);
}

void Cpu::map_constants(std::uint32_t address, base::ByteView bytes) {
  constants_.emplace_back(bytes.begin(), bytes.end());
  uc_mem_map_ptr(engine_, address, constants_.back().size(), UC_PROT_READ,
                 constants_.back().data());
}

void Cpu::set_home(std::uint32_t begin, std::uint32_t end) {
  home_begin_ = begin;
  home_end_ = end;
}

void Cpu::forget_translations() {
  // Mapping anew is Unicorn's way to drop all that was translated from there.
  const auto read_only = static_cast<std::uint32_t>(UC_PROT_READ | UC_PROT_EXEC);
  auto* const bytes = const_cast<std::uint8_t*>(flash_.data());
  for (const std::uint32_t base : {flash_base_, std::uint32_t{0}}) {
    uc_mem_unmap(engine_, base, flash_.size());
    uc_mem_map_ptr(engine_, base, flash_.size(), read_only, bytes);
  }
}

std::uint32_t Cpu::reg(int id) const {
  std::uint32_t value = 0;
  uc_reg_read(engine_, id, &value);
  return value;
}

void Cpu::set_reg(int id, std::uint32_t value) { uc_reg_write(engine_, id, &value); }

std::uint32_t Cpu::pc() const { return reg(UC_ARM_REG_PC); }

std::uint32_t Cpu::load(std::uint32_t address) const {
  std::uint32_t value = 0;
  uc_mem_read(engine_, address, &value, sizeof value);
  return value;
}

void Cpu::store(std::uint32_t address, std::uint32_t value) {
  uc_mem_write(engine_, address, &value, sizeof value);
}

void Cpu::reset() {
  // A reset begins as every other one: where the next probe falls must not depend on the last life.
  probe_blocks_ = 0;
  probe_clean_ = false;
  enabled_ = {};
  pended_ = {};
  priorities_ = {};
  system_priorities_ = {};
  active_.clear();
  vector_table_ = 0;
  priority_group_ = 0;
  systick_control_ = 0;
  systick_reload_ = 0;
  tick_pending_ = false;
  tick_flag_ = false;
  pendsv_ = false;
  for (const int id : kRegisters) {
    if (id != UC_ARM_REG_XPSR) set_reg(id, 0);
  }
  set_reg(UC_ARM_REG_IPSR, 0);
  set_reg(UC_ARM_REG_XPSR, 0x01000000);
  set_reg(UC_ARM_REG_PRIMASK, 0);
  set_reg(UC_ARM_REG_SP, load(flash_base_));
  set_reg(UC_ARM_REG_LR, 0xFFFFFFFF);
  set_reg(UC_ARM_REG_PC, load(flash_base_ + 4) | kThumb);
}

void Cpu::stop() {
  stop_ = Stop::asked;
  uc_emu_stop(engine_);
}

// Every basic block passes here before it is executed. True: leave the emulator.
bool Cpu::block(std::uint32_t address, std::uint32_t size) {
  // Thumb-2 code: 2.4 bytes to an instruction, which takes 1.5 cycles with the wait states that
  // the accelerator does not hide.
  instructions_ += std::max<std::uint32_t>(1, size * 5 / 12);
  cycles_ += std::max<std::uint32_t>(1, size * 5 / 8);
  if (address >= flash_base_ && address - flash_base_ < flash_.size() &&
      (address < home_begin_ || address >= home_end_)) {
    stop_ = Stop::left;
    return true;
  }
  if (cycles_ >= budget_end_) {
    stop_ = Stop::budget;
    return true;
  }
  if (++probe_blocks_ % kProbeEvery == 0) {
    probe_pc_ = address;
    probe_clean_ = true;
    for (std::size_t i = 0; i < probe_registers_.size(); ++i) {
      probe_registers_[i] = reg(kRegisters[i]);
    }
    return false;
  }
  if (!probe_clean_ || address != probe_pc_) return false;
  for (std::size_t i = 0; i < probe_registers_.size(); ++i) {
    if (probe_registers_[i] != reg(kRegisters[i])) return false;
  }
  stop_ = Stop::idle;
  return true;
}

Cpu::Stop Cpu::run(std::uint64_t most) {
  const std::uint64_t end = cycles_ + most;
  while (true) {
    update_tick();
    if (const unsigned exception = pending_exception(); exception != 0) enter(exception);
    budget_end_ = end;
    if (ticking() && next_tick_ < budget_end_) budget_end_ = next_tick_;
    stop_ = Stop::budget;
    probe_clean_ = false;
    const uc_err error = uc_emu_start(engine_, pc() | kThumb, 0xFFFFFFFE, 0, 0);
    if (error == UC_ERR_EXCEPTION && pc() >= (kExceptionReturn & ~1U)) {
      leave(pc());
      if (cycles_ >= end) return Stop::budget;
      continue;
    }
    if (error != UC_ERR_OK) return Stop::lost;
    update_tick();
    // In a loop that waits for what an interrupt will bring, with that interrupt there already.
    if (stop_ == Stop::idle && wanted()) continue;
    if (stop_ == Stop::budget && cycles_ < end) continue;  // the tick, or a device's wish
    return stop_;
  }
}

bool Cpu::wanted() const { return pending_exception() != 0; }

// A device may have raised its line: leave the emulator at the next block and look.
void Cpu::after_write() {
  for (const unsigned line : lines_) {
    if (devices_.interrupt_line(line)) budget_end_ = 0;
  }
}

// --- exceptions ---

int Cpu::priority(unsigned exception) const {
  const std::uint8_t level = exception >= kFirstInterrupt ? priorities_[exception - kFirstInterrupt]
                                                          : system_priorities_[exception];
  return level >> (priority_group_ + 1U);
}

int Cpu::running_priority() const {
  int best = 0x100;
  for (const unsigned exception : active_) best = std::min(best, priority(exception));
  return best;
}

// The exception to take now; 0 if none may.
unsigned Cpu::pending_exception() const {
  if ((reg(UC_ARM_REG_PRIMASK) & 1U) != 0 || (reg(UC_ARM_REG_FAULTMASK) & 1U) != 0) return 0;
  unsigned best = 0;
  int level = running_priority();
  const auto consider = [&](unsigned exception) {
    if (priority(exception) < level) {
      level = priority(exception);
      best = exception;
    }
  };
  if (pendsv_) consider(kPendSv);
  if (tick_pending_) consider(kSysTick);
  for (const unsigned line : lines_) {
    const std::uint32_t bit = 1U << (line % 32U);
    if ((enabled_[line / 32] & bit) == 0) continue;
    if ((pended_[line / 32] & bit) != 0 || devices_.interrupt_line(line)) {
      consider(kFirstInterrupt + line);
    }
  }
  return best;
}

void Cpu::enter(unsigned exception) {
  const std::uint32_t xpsr = reg(UC_ARM_REG_XPSR);
  const std::uint32_t sp = reg(UC_ARM_REG_SP);
  const bool aligned = (sp & 4U) == 0;
  const std::uint32_t frame = (sp - 32U) & ~7U;
  store(frame, reg(UC_ARM_REG_R0));
  store(frame + 4, reg(UC_ARM_REG_R1));
  store(frame + 8, reg(UC_ARM_REG_R2));
  store(frame + 12, reg(UC_ARM_REG_R3));
  store(frame + 16, reg(UC_ARM_REG_R12));
  store(frame + 20, reg(UC_ARM_REG_LR));
  store(frame + 24, pc());
  store(frame + 28, (xpsr & ~0x200U) | (aligned ? 0U : 0x200U));
  const bool nested = !active_.empty();
  active_.push_back(exception);
  if (exception == kSysTick) tick_pending_ = false;
  if (exception == kPendSv) pendsv_ = false;
  if (exception >= kFirstInterrupt) {
    const unsigned line = exception - kFirstInterrupt;
    pended_[line / 32] &= ~(1U << (line % 32U));
  }
  set_reg(UC_ARM_REG_SP, frame);
  set_reg(UC_ARM_REG_LR, nested ? 0xFFFFFFF1 : 0xFFFFFFF9);
  set_reg(UC_ARM_REG_XPSR, (xpsr & 0xF0000000U) | 0x01000000U);
  set_reg(UC_ARM_REG_IPSR, exception);
  set_reg(UC_ARM_REG_PC, load(vector_table_ + 4 * exception) | kThumb);
  cycles_ += 12;
}

void Cpu::leave(std::uint32_t /*exc_return*/) {
  if (!active_.empty()) active_.pop_back();
  const std::uint32_t frame = reg(UC_ARM_REG_SP);
  const std::uint32_t xpsr = load(frame + 28);
  set_reg(UC_ARM_REG_R0, load(frame));
  set_reg(UC_ARM_REG_R1, load(frame + 4));
  set_reg(UC_ARM_REG_R2, load(frame + 8));
  set_reg(UC_ARM_REG_R3, load(frame + 12));
  set_reg(UC_ARM_REG_R12, load(frame + 16));
  set_reg(UC_ARM_REG_LR, load(frame + 20));
  set_reg(UC_ARM_REG_IPSR, active_.empty() ? 0 : active_.back());
  set_reg(UC_ARM_REG_XPSR,
          (xpsr & 0xFF00FC00U) | 0x01000000U | (active_.empty() ? 0 : active_.back()));
  set_reg(UC_ARM_REG_SP, (frame + 32) | ((xpsr & 0x200U) != 0 ? 4U : 0U));
  set_reg(UC_ARM_REG_PC, load(frame + 24) | kThumb);
  cycles_ += 12;
}

// --- the system control space ---

void Cpu::update_tick() {
  if (!ticking()) return;
  if (cycles_ < next_tick_) return;
  const std::uint64_t period = systick_reload_ + 1ULL;
  next_tick_ += ((cycles_ - next_tick_) / period + 1) * period;
  tick_flag_ = true;
  if ((systick_control_ & 2U) != 0) tick_pending_ = true;
}

std::uint32_t Cpu::scs_read(std::uint32_t offset) {
  if (offset == 0x1004) {  // DWT_CYCCNT
    probe_clean_ = false;
    return low(cycles_);
  }
  if (offset < 0xE000 || offset >= 0xF000) return 0;
  const std::uint32_t at = offset - 0xE000;
  if (at >= 0x100 && at < 0x10C) return enabled_[(at - 0x100) / 4];
  if (at >= 0x180 && at < 0x18C) return enabled_[(at - 0x180) / 4];
  if (at >= 0x200 && at < 0x20C) return pended_[(at - 0x200) / 4];
  if (at >= 0x280 && at < 0x28C) return pended_[(at - 0x280) / 4];
  if (at >= 0x400 && at < 0x400 + kInterrupts) {
    std::uint32_t word = 0;
    for (unsigned i = 0; i < 4; ++i) word |= std::uint32_t{priorities_[at - 0x400 + i]} << (8 * i);
    return word;
  }
  switch (at) {
    case 0x010: {
      update_tick();
      const std::uint32_t value = systick_control_ | (tick_flag_ ? 0x10000U : 0U);
      tick_flag_ = false;
      return value;
    }
    case 0x014:
      return systick_reload_;
    case 0x018: {
      update_tick();
      probe_clean_ = false;
      return ticking() ? low(next_tick_ - cycles_) : 0;
    }
    case 0xD00:
      return 0x412FC231;  // CPUID of the r2p1 core
    case 0xD04:
      return active_.empty() ? 0 : active_.back();
    case 0xD08:
      return vector_table_;
    case 0xD0C:
      return 0xFA050000U | (priority_group_ << 8U);
    case 0xD14:
      return 0x200;
    case 0xD18:
    case 0xD1C:
    case 0xD20: {
      std::uint32_t word = 0;
      const std::uint32_t first = at - 0xD18 + 4;
      for (unsigned i = 0; i < 4; ++i) {
        word |= std::uint32_t{system_priorities_[first + i]} << (8 * i);
      }
      return word;
    }
    default:
      return 0;
  }
}

void Cpu::scs_write(std::uint32_t offset, std::uint32_t value) {
  if (offset < 0xE000 || offset >= 0xF000) return;
  const std::uint32_t at = offset - 0xE000;
  // What may have made an exception due ends the run, so that it is looked at.
  budget_end_ = 0;
  if (at >= 0x100 && at < 0x10C) {
    enabled_[(at - 0x100) / 4] |= value;
  } else if (at >= 0x180 && at < 0x18C) {
    enabled_[(at - 0x180) / 4] &= ~value;
  } else if (at >= 0x200 && at < 0x20C) {
    pended_[(at - 0x200) / 4] |= value;
  } else if (at >= 0x280 && at < 0x28C) {
    pended_[(at - 0x280) / 4] &= ~value;
  } else if (at >= 0x400 && at < 0x400 + kInterrupts) {
    for (unsigned i = 0; i < 4; ++i) {
      priorities_[at - 0x400 + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  } else if (at == 0x010) {
    const bool was = ticking();
    systick_control_ = value & 7U;
    if (!was && ticking()) next_tick_ = cycles_ + systick_reload_ + 1;
  } else if (at == 0x014) {
    systick_reload_ = value & 0xFFFFFFU;
  } else if (at == 0x018) {
    next_tick_ = cycles_ + systick_reload_ + 1;
    tick_flag_ = false;
  } else if (at == 0xD04) {
    if ((value & (1U << 28U)) != 0) pendsv_ = true;
    if ((value & (1U << 27U)) != 0) pendsv_ = false;
    if ((value & (1U << 25U)) != 0) tick_pending_ = false;
  } else if (at == 0xD08) {
    vector_table_ = value & 0x3FFFFF80U;
  } else if (at == 0xD0C && (value >> 16U) == 0x05FA) {
    priority_group_ = (value >> 8U) & 7U;
    if ((value & 4U) != 0) {
      devices_.system_reset();
      stop();
    }
  } else if (at >= 0xD18 && at <= 0xD20) {
    for (unsigned i = 0; i < 4; ++i) {
      system_priorities_[at - 0xD18 + 4 + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  }
}

// --- snapshots ---

std::shared_ptr<const Cpu::Snapshot> Cpu::save() const {
  auto saved = std::make_shared<Snapshot>();
  uc_context_alloc(engine_, &saved->context);
  uc_context_save(engine_, saved->context);
  saved->ram = ram_;
  saved->enabled = enabled_;
  saved->pended = pended_;
  saved->priorities = priorities_;
  saved->system_priorities = system_priorities_;
  saved->active = active_;
  saved->vector_table = vector_table_;
  saved->priority_group = priority_group_;
  saved->systick_control = systick_control_;
  saved->systick_reload = systick_reload_;
  saved->until_tick = next_tick_ > cycles_ ? next_tick_ - cycles_ : 0;
  saved->tick_pending = tick_pending_;
  saved->pendsv = pendsv_;
  return saved;
}

// Time goes on: only the distance to the next tick is put back.
void Cpu::restore(const Snapshot& saved) {
  uc_context_restore(engine_, saved.context);
  std::copy(saved.ram.begin(), saved.ram.end(), ram_.begin());
  enabled_ = saved.enabled;
  pended_ = saved.pended;
  priorities_ = saved.priorities;
  system_priorities_ = saved.system_priorities;
  active_ = saved.active;
  vector_table_ = saved.vector_table;
  priority_group_ = saved.priority_group;
  systick_control_ = saved.systick_control;
  systick_reload_ = saved.systick_reload;
  next_tick_ = cycles_ + saved.until_tick;
  tick_pending_ = saved.tick_pending;
  tick_flag_ = false;
  pendsv_ = saved.pendsv;
}

}  // namespace board
