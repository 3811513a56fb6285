// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/chip.h"

#include "platform/platform.h"

#include <algorithm>

namespace board {
namespace {

// RM0033, table 1.
constexpr std::uint32_t kRtc = 0x40002800;
constexpr std::uint32_t kWatchdog = 0x40003000;
constexpr std::uint32_t kGpio = 0x40020000;
constexpr std::uint32_t kGpioEnd = 0x40022400;
constexpr std::uint32_t kCrc = 0x40023000;
constexpr std::uint32_t kRcc = 0x40023800;
constexpr std::uint32_t kFlash = 0x40023C00;
constexpr std::uint32_t kUsb = 0x50000000;
constexpr std::uint32_t kUsbEnd = 0x50040000;
constexpr std::uint32_t kTimer2 = 0x40000000;
constexpr std::uint32_t kTimer2End = 0x40000400;
constexpr unsigned kTimerInterrupt = 28;
constexpr std::uint32_t kConstants = 0x1FFF7000;
constexpr std::uint32_t kUniqueId = 0xA10;

constexpr std::uint32_t kPortSize = 0x400;
constexpr std::uint32_t kInputData = 0x10;
constexpr std::uint32_t kButtonPort = 2;  // PC7
constexpr std::uint32_t kButtonPin = 1U << 7U;

// RCC, section 5.3.
constexpr std::uint32_t kControl = 0x00;
constexpr std::uint32_t kConfiguration = 0x08;
constexpr std::uint32_t kBackupDomain = 0x70;
constexpr std::uint32_t kControlStatus = 0x74;
constexpr std::uint32_t kRemoveFlags = 1U << 24U;
constexpr std::uint32_t kPinReset = 1U << 26U;
constexpr std::uint32_t kPowerReset = (1U << 27U) | (1U << 25U);
constexpr std::uint32_t kSoftwareReset = 1U << 28U;
constexpr std::uint32_t kWatchdogReset = 1U << 29U;

// General-purpose timer, section 14.4: offsets, and the one bit of CR1 that is looked at.
constexpr std::uint32_t kTimerControl = 0x00;
constexpr std::uint32_t kTimerInterrupts = 0x0C;
constexpr std::uint32_t kTimerStatus = 0x10;
constexpr std::uint32_t kTimerPrescaler = 0x28;
constexpr std::uint32_t kTimerReload = 0x2C;
constexpr std::uint32_t kTimerOn = 1U << 0U;
constexpr std::uint32_t kTimerEvents = 0x1F;  // update, compare 1 to 4
constexpr std::uint32_t kTimerMhz = 60;       // APB1 at 30 MHz, doubled

// CRC unit, section 3.4.
constexpr std::uint32_t kCrcControl = kCrc + 0x08;
constexpr std::uint32_t kCrcStart = 0xFFFFFFFF;
constexpr std::uint32_t kCrcPolynomial = 0x04C11DB7;

// Flash controller, section 2.8.
constexpr std::uint32_t kKeys[] = {0x45670123, 0xCDEF89AB};
constexpr std::uint32_t kOptionKeys[] = {0x08192A3B, 0x4C5D6E7F};
constexpr std::uint32_t kProtectionError = 1U << 4U;  // SR; EOP comes only with its interrupt on
constexpr std::uint32_t kAlignmentError = 1U << 5U;
constexpr std::uint32_t kParallelismError = 1U << 6U;
constexpr std::uint32_t kSequenceError = 1U << 7U;
constexpr std::uint32_t kProgram = 1U << 0U;  // CR
constexpr std::uint32_t kSectorErase = 1U << 1U;
constexpr std::uint32_t kStart = 1U << 16U;
constexpr std::uint32_t kLock = 1U << 31U;
constexpr std::uint32_t kOptionStart = 1U << 1U;  // OPTCR

constexpr std::uint32_t kHsi = 16;  // MHz
constexpr std::uint32_t kPll = 120;
// The watchdog's clock: 32 kHz nominal (DS6329, table 34: 17 to 47).
constexpr std::uint32_t kWatchdogHz = 32000;
constexpr std::uint64_t kSlice = 2'000'000;  // cycles at once
// A hub takes a shorter absence for noise (USB 2.0, 7.1.7.3, TDDIS: 2 us), in cycles.
constexpr std::uint64_t kShortestAbsence = 240;

// A word, its highest bit first.
std::uint32_t crc_of(std::uint32_t crc, std::uint32_t word) {
  crc ^= word;
  for (int bit = 0; bit < 32; ++bit) {
    crc = (crc << 1U) ^ ((crc & 0x80000000U) != 0 ? kCrcPolynomial : 0U);
  }
  return crc;
}

}  // namespace

struct Chip::Snapshot {
  std::shared_ptr<const Cpu::Snapshot> cpu;
  UsbCore usb;
  State state = State::idle;
  std::unordered_map<std::uint32_t, std::uint32_t> registers;
  std::uint32_t reset_flags = 0;
  std::uint32_t control = 0;
  std::uint32_t status = 0;
  bool locked = true;
  bool options_locked = true;
  std::uint32_t options = 0;
  bool watchdog_runs = false;
  bool pulled_up = false;
  std::uint32_t timer_status = 0;
  std::optional<base::Micros> until_timer;
  std::uint32_t prescaler = 0;
  std::uint32_t reload = 0;
};

Chip::Chip(sim::Hardware& hardware)
    : hardware_(hardware),
      cpu_(*this, hardware.flash().view(), hardware.flash().range().begin,
           {UsbCore::kInterrupt, kTimerInterrupt}) {
  base::Bytes constants(4096, 0xFF);
  const sim::UniqueId& id = hardware.unique_id();
  std::copy(id.begin(), id.end(), constants.begin() + kUniqueId);
  cpu_.map_constants(kConstants, constants);
  const base::AddressRange boot = hardware.flash().sector_range(0);
  cpu_.set_home(boot.begin, boot.end);
}

void Chip::start(sim::ResetCause cause) {
  const base::ByteView boot = hardware_.flash().view(hardware_.flash().sector_range(0));
  if (!std::equal(boot.begin(), boot.end(), boot_code_.begin(), boot_code_.end())) {
    if (!boot_code_.empty()) cpu_.forget_translations();
    boot_code_.assign(boot.begin(), boot.end());
  }
  registers_.clear();
  registers_[kCrc] = kCrcStart;
  usb_ = {};
  timer_status_ = 0;
  timer_next_.reset();
  pulled_up_ = false;
  control_ = 0;
  status_ = 0;
  locked_ = true;
  options_locked_ = true;
  options_ = 0xAAEC | protection();
  last_key_ = 0;
  last_option_key_ = 0;
  cell_open_ = false;
  watchdog_runs_ = false;
  prescaler_ = 0;
  reload_ = 0xFFF;
  if (cause == sim::ResetCause::power_on) reset_flags_ = kPowerReset;
  reset_flags_ |= kPinReset;
  if (cause == sim::ResetCause::software) reset_flags_ |= kSoftwareReset;
  if (cause == sim::ResetCause::watchdog) reset_flags_ |= kWatchdogReset;
  cpu_.reset();
  told_cycles_ = cpu_.cycles();
  known_ = hardware_.now();
  state_ = State::running;
}

std::uint32_t Chip::clock_mhz() const {
  return (reg(kRcc + kConfiguration) & 3U) == 2 ? kPll : kHsi;
}

// Instructions take time, which the hardware's clock learns of in whole microseconds.
void Chip::spend_executed() {
  const std::uint64_t per_micro = clock_mhz();
  const std::uint64_t micros = (cpu_.cycles() - told_cycles_) / per_micro;
  told_cycles_ += micros * per_micro;
  if (micros != 0) hardware_.spend(base::Micros(static_cast<std::int64_t>(micros)));
  known_ = hardware_.now();
}

// Time that has gone by without instructions counts for SysTick, too.
void Chip::catch_up() {
  const base::Micros passed = hardware_.now() - known_;
  if (passed.count() <= 0) return;
  const std::uint64_t cycles = static_cast<std::uint64_t>(passed.count()) * clock_mhz();
  cpu_.pass(cycles);
  told_cycles_ += cycles;
  known_ = hardware_.now();
}

Chip::State Chip::run(base::Micros most) {
  if (state_ != State::running && state_ != State::idle) return state_;
  catch_up();
  update_timer();
  state_ = State::running;
  const std::uint64_t budget =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(most.count()) * clock_mhz(), kSlice);
  const Cpu::Stop stop = cpu_.run(budget);
  put_right();
  tell_pull_up();
  spend_executed();
  if (state_ == State::reset) return state_;
  switch (stop) {
    case Cpu::Stop::idle:
      state_ = State::idle;
      break;
    case Cpu::Stop::left:
      state_ = State::firmware;
      hardware_.start_firmware();
      break;
    case Cpu::Stop::lost:
      state_ = State::crashed;
      hardware_.crash();
      break;
    case Cpu::Stop::budget:
    case Cpu::Stop::asked:
      break;
  }
  return state_;
}

Chip::State Chip::settle(base::Micros most) {
  const base::Instant end = hardware_.now() + most;
  do {
    run(std::max(base::Micros(1), std::chrono::duration_cast<base::Micros>(end - hardware_.now())));
  } while (state_ == State::running && hardware_.now() < end);
  return state_;
}

std::optional<base::Instant> Chip::next_event() const {
  if (state_ == State::running || (state_ == State::idle && cpu_.wanted())) {
    return hardware_.now();
  }
  if (state_ != State::idle) return std::nullopt;
  std::optional<base::Instant> next;
  if ((reg(kTimer2 + kTimerInterrupts) & kTimerEvents) != 0) next = timer_next_;
  if (!cpu_.ticking()) {
    // What looks idle may count in memory: it is looked at again, since nothing would wake it.
    const base::Instant again = known_ + std::chrono::milliseconds(1);
    return next ? std::min(*next, again) : again;
  }
  const std::uint64_t cycles =
      cpu_.next_tick() > told_cycles_ ? cpu_.next_tick() - told_cycles_ : 0;
  const base::Instant tick =
      known_ + base::Micros(static_cast<std::int64_t>(cycles / clock_mhz() + 1));
  return next ? std::min(*next, tick) : tick;
}

// --- registers ---

std::uint32_t Chip::reg(std::uint32_t address) const {
  const auto found = registers_.find(address);
  return found == registers_.end() ? 0 : found->second;
}

std::uint32_t Chip::led_compare(unsigned channel) const {
  return reg(kTimer2 + 0x34 + 4 * (channel - 1));
}

bool Chip::interrupt_line(unsigned number) const {
  if (number == UsbCore::kInterrupt) return usb_.interrupt();
  const std::uint32_t wanted = reg(kTimer2 + kTimerInterrupts) & kTimerEvents;
  return number == kTimerInterrupt && (timer_status_ & wanted) != 0;
}

void Chip::system_reset() {
  state_ = State::reset;
  put_right();
  spend_executed();
  hardware_.reset(sim::ResetCause::software);
}

std::uint32_t Chip::read(std::uint32_t address) {
  if (address >= kUsb && address < kUsbEnd) return usb_.read(address - kUsb);
  if (address >= kFlash && address < kFlash + kPortSize) return read_flash(address - kFlash);
  if (address >= kRtc + 0x50 && address < kRtc + 0xA0)
    return read_backup((address - kRtc - 0x50) / 4);
  if (address >= kGpio && address < kGpioEnd && (address % kPortSize) == kInputData) {
    const bool pressed = (address - kGpio) / kPortSize == kButtonPort && hardware_.mode_pressed();
    return pressed ? 0xFFFFU & ~kButtonPin : 0xFFFFU;
  }
  if (address == kTimer2 + kTimerStatus) return timer_status_;
  if (address == kRcc + kControl) {
    // Every oscillator that is switched on is ready (HSI, HSE, PLL, PLLI2S).
    const std::uint32_t on = reg(address) | 1U;
    return on | ((on & 0x05010001U) << 1U);
  }
  if (address == kRcc + kConfiguration) return reg(address) | ((reg(address) & 3U) << 2U);
  if (address == kRcc + kBackupDomain) return reg(address) | ((reg(address) & 1U) << 1U);
  if (address == kRcc + kControlStatus) {
    return reset_flags_ | (reg(address) & 1U) | ((reg(address) & 1U) << 1U);
  }
  if (address == kRtc + 0x0C) return 0x3FU | (reg(address) & 0x80U) >> 1U;  // RTC_ISR: all is ready
  return reg(address);
}

void Chip::write(std::uint32_t address, unsigned width, std::uint32_t value) {
  if (width != 4) {
    const std::uint32_t shift = 8U * (address & 3U);
    const std::uint32_t mask = ((1U << (8U * width)) - 1U) << shift;
    address &= ~3U;
    value = (read(address) & ~mask) | ((value << shift) & mask);
  }
  if (address >= kUsb && address < kUsbEnd) {
    const bool before = usb_.pull_up();
    if (cpu_.cycles() - pull_changed_ >= kShortestAbsence) tell_pull_up();
    usb_.write(address - kUsb, value);
    if (usb_.pull_up() != before) pull_changed_ = cpu_.cycles();
  } else if (address >= kFlash && address < kFlash + kPortSize) {
    write_flash(address - kFlash, value);
  } else if (address >= kRtc + 0x50 && address < kRtc + 0xA0) {
    write_backup((address - kRtc - 0x50) / 4, value);
  } else if (address >= kWatchdog && address < kWatchdog + 0x10) {
    write_watchdog(address - kWatchdog, value);
  } else if (address >= kTimer2 && address < kTimer2End) {
    write_timer(address - kTimer2, value);
  } else if (address >= kRcc && address < kRcc + kPortSize) {
    write_rcc(address - kRcc, value);
  } else if (address == kCrc) {
    registers_[kCrc] = crc_of(reg(kCrc), value);
  } else if (address == kCrcControl) {
    if ((value & 1U) != 0) registers_[kCrc] = kCrcStart;
  } else {
    registers_[address] = value;
  }
}

// All that is used of it is that its counter comes round: then every compare channel has matched.
void Chip::write_timer(std::uint32_t offset, std::uint32_t value) {
  if (offset == kTimerStatus) {
    timer_status_ &= value;
    return;
  }
  registers_[kTimer2 + offset] = value;
  if (offset != kTimerControl) return;
  if ((value & kTimerOn) == 0) {
    timer_next_.reset();
  } else if (!timer_next_) {
    timer_next_ = hardware_.now();
    update_timer();
  }
}

void Chip::update_timer() {
  if (!timer_next_ || hardware_.now() < *timer_next_) return;
  timer_status_ |= kTimerEvents;
  const std::uint64_t counts =
      (reg(kTimer2 + kTimerReload) + 1ULL) * ((reg(kTimer2 + kTimerPrescaler) & 0xFFFFU) + 1ULL);
  const auto period = base::Micros(static_cast<std::int64_t>(counts / kTimerMhz + 1));
  timer_next_ = hardware_.now() + period;
}

void Chip::tell_pull_up() {
  if (usb_.pull_up() == pulled_up_) return;
  pulled_up_ = !pulled_up_;
  spend_executed();
  hardware_.pull_up(pulled_up_);
}

void Chip::write_rcc(std::uint32_t offset, std::uint32_t value) {
  if (offset == kConfiguration) spend_executed();  // the clock changes
  if (offset == kControlStatus && (value & kRemoveFlags) != 0) reset_flags_ = 0;
  registers_[kRcc + offset] = value;
}

// The virtual board knows two of the registers by their use.
std::uint32_t Chip::read_backup(unsigned index) const {
  const sim::BackupRegisters& backup = hardware_.backup();
  return index == 1 ? backup.dr1 : index == 10 ? backup.dr10 : backup.other[index];
}

void Chip::write_backup(unsigned index, std::uint32_t value) {
  sim::BackupRegisters& backup = hardware_.backup();
  if (index == 1) {
    backup.dr1 = static_cast<std::uint16_t>(value);
  } else if (index == 10) {
    backup.dr10 = static_cast<std::uint16_t>(value);
  } else {
    backup.other[index] = value;
  }
}

void Chip::write_watchdog(std::uint32_t offset, std::uint32_t value) {
  constexpr std::uint32_t kStartKey = 0xCCCC;
  constexpr std::uint32_t kFeedKey = 0xAAAA;
  if (offset == 0x04) prescaler_ = value & 7U;
  if (offset == 0x08) reload_ = value & 0xFFFU;
  if (offset != 0) return;
  spend_executed();
  if (value == kStartKey) watchdog_runs_ = true;
  if (!watchdog_runs_ || (value != kFeedKey && value != kStartKey)) return;
  const std::int64_t ticks = static_cast<std::int64_t>(reload_ + 1U) << (2U + prescaler_);
  hardware_.start_watchdog(base::Micros(ticks * 1'000'000 / kWatchdogHz));
}

// --- flash controller ---

std::uint32_t Chip::read_flash(std::uint32_t offset) {
  put_right();
  switch (offset) {
    case 0x0C:
      return status_;
    case 0x10:
      return (control_ & ~kLock) | (locked_ ? kLock : 0U);
    case 0x14:
      return (options_ & ~1U) | (options_locked_ ? 1U : 0U);
    default:
      return reg(kFlash + offset);
  }
}

void Chip::write_flash(std::uint32_t offset, std::uint32_t value) {
  put_right();
  switch (offset) {
    case 0x04:
      if (last_key_ == kKeys[0] && value == kKeys[1]) locked_ = false;
      last_key_ = value;
      break;
    case 0x08:
      if (last_option_key_ == kOptionKeys[0] && value == kOptionKeys[1]) options_locked_ = false;
      last_option_key_ = value;
      break;
    case 0x0C:
      status_ &= ~value;
      break;
    case 0x10:
      if (locked_) break;
      control_ = value & ~kStart;
      locked_ = (value & kLock) != 0;
      if ((value & kStart) != 0 && (value & kSectorErase) != 0) erase(value);
      break;
    case 0x14:
      if (options_locked_) break;
      options_locked_ = (value & 1U) != 0;
      options_ = value & ~(kOptionStart | 1U);
      if ((value & kOptionStart) != 0) program_options();
      break;
    default:
      registers_[kFlash + offset] = value;
      break;
  }
}

// The core stands still meanwhile: it fetches from the bank that is being erased.
void Chip::erase(std::uint32_t control) {
  const std::size_t sector = (control >> 3U) & 0xFU;
  spend_executed();
  if (observer_ && sector < hardware_.flash().sector_count()) {
    observer_({true, hardware_.flash().sector_range(sector).begin, 0});
  }
  if (sector >= hardware_.flash().sector_count() || !hardware_.flash().erase_sector(sector)) {
    status_ |= kProtectionError;
  }
  catch_up();
}

// nWRP: a sector's bit is 0 while it is protected.
std::uint32_t Chip::protection() const {
  std::uint32_t unprotected = 0;
  for (std::size_t i = 0; i < hardware_.flash().sector_count(); ++i) {
    if (!hardware_.flash().write_protected(i)) unprotected |= 1U << (16U + i);
  }
  return unprotected;
}

void Chip::program_options() {
  spend_executed();
  for (std::size_t i = 0; i < hardware_.flash().sector_count(); ++i) {
    hardware_.flash().set_write_protected(i, (options_ & (1U << (16U + i))) == 0);
  }
  catch_up();
}

void Chip::flash_store(std::uint32_t address, unsigned width, std::uint32_t value) {
  put_right();
  sim::FlashMemory& flash = hardware_.flash();
  const std::uint32_t in_flash =
      address < flash.range().begin ? address + flash.range().begin : address;
  cell_ = in_flash & ~3U;
  const base::ByteView before = flash.view({cell_, cell_ + 4});
  std::copy(before.begin(), before.end(), cell_content_.begin());
  cell_open_ = true;
  if (locked_ || (control_ & kProgram) == 0) {
    status_ |= kSequenceError;
    return;
  }
  if (in_flash % width != 0) {
    status_ |= kAlignmentError;
    return;
  }
  if ((1U << ((control_ >> 8U) & 3U)) != width || width != 4) {
    status_ |= kParallelismError;  // the bootloaders program words, and only these are modelled
    return;
  }
  base::Bytes word(4);
  base::store_le32(word, 0, value);
  spend_executed();
  if (observer_) observer_({false, in_flash, value});
  if (flash.program(in_flash, word) != word.size()) {
    status_ |= kProtectionError;
  }
  catch_up();
  const base::ByteView after = flash.view({cell_, cell_ + 4});
  std::copy(after.begin(), after.end(), cell_content_.begin());
}

void Chip::put_right() {
  if (!cell_open_) return;
  cell_open_ = false;
  hardware_.flash().load(cell_, cell_content_);
}

// --- snapshots ---

std::shared_ptr<const Chip::Snapshot> Chip::save() const {
  auto saved = std::make_shared<Snapshot>();
  saved->cpu = cpu_.save();
  saved->usb = usb_;
  saved->state = state_;
  saved->registers = registers_;
  saved->reset_flags = reset_flags_;
  saved->control = control_;
  saved->status = status_;
  saved->locked = locked_;
  saved->options_locked = options_locked_;
  saved->options = options_;
  saved->watchdog_runs = watchdog_runs_;
  saved->pulled_up = pulled_up_;
  saved->timer_status = timer_status_;
  if (timer_next_) saved->until_timer = *timer_next_ - hardware_.now();
  saved->prescaler = prescaler_;
  saved->reload = reload_;
  return saved;
}

void Chip::restore(const Snapshot& saved) {
  known_ = hardware_.now();
  cpu_.restore(*saved.cpu);
  told_cycles_ = cpu_.cycles();
  usb_ = saved.usb;
  state_ = saved.state;
  registers_ = saved.registers;
  reset_flags_ = saved.reset_flags;
  control_ = saved.control;
  status_ = saved.status;
  locked_ = saved.locked;
  options_locked_ = saved.options_locked;
  options_ = saved.options;
  watchdog_runs_ = saved.watchdog_runs;
  pulled_up_ = saved.pulled_up;
  timer_status_ = saved.timer_status;
  timer_next_.reset();
  if (saved.until_timer) timer_next_ = hardware_.now() + *saved.until_timer;
  prescaler_ = saved.prescaler;
  reload_ = saved.reload;
  cell_open_ = false;
}

}  // namespace board
