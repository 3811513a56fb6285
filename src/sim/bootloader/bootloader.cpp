// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bootloader/bootloader.h"

#include "platform/platform.h"
#include "sim/bootloader/module_copy.h"

#include <algorithm>
#include <array>

namespace sim {
namespace {

using std::chrono::milliseconds;

// device-os v0.6.4: bootloader/src/main.c
constexpr std::uint16_t kEnterDfu = 0xEDFA;
constexpr std::uint16_t kEnterSafeMode = 0x5AFE;
constexpr std::uint16_t kTaken = 0xFFFF;
constexpr std::uint16_t kBooted = 1;
constexpr std::uint16_t kSecondWatchdogReset = 3;  // BKP_DR1 then: tries the factory image
constexpr std::uint16_t kThirdWatchdogReset = 4;   // DFU
constexpr std::uint16_t kLeftDfu = 0x5000;         // BKP_DR10

// The MODE button, held since reset.
constexpr base::Micros kSafeModeAt = milliseconds(1000);
constexpr base::Micros kDfuAt = milliseconds(3000);
constexpr base::Micros kFactoryAt = milliseconds(6500);
constexpr base::Micros kSettingsAt = milliseconds(10000);
constexpr base::Micros kButtonEnd = milliseconds(12000);

// Asked for as 5 s; the counter assumes a clock of 40 kHz that runs slower (three periods and the
// leave were seen to take 18.2 s).
constexpr base::Micros kWatchdog = milliseconds(5750);
constexpr std::uint16_t kOldSystem = 200;
constexpr std::uint16_t kSettingsReset = 0xAAAA;
constexpr base::Micros kDisconnect = milliseconds(3);

std::uint32_t factory_address(const BootloaderProfile& profile, const platform::Platform& device) {
  return profile.factory_in_staging ? device.staging.begin : device.factory.begin;
}

}  // namespace

Bootloader::Bootloader(Hardware& hardware, ResetCause cause, const BootloaderProfile& profile)
    : hardware_(hardware), profile_(profile), flags_(load_flags(hardware, profile.flags)) {
  Dct(hardware.flash(), profile.dct).prepare();
  if (flags_.bootloader_version != profile_.version) {
    flags_.bootloader_version = profile_.version;
    save_flags(hardware_, profile_.flags, flags_);
  }
  take_requests(cause);
  if (hardware_.mode_pressed()) {
    phase_ = Phase::button;
    button_since_ = hardware_.now();
  } else {
    decide();
  }
}

void Bootloader::take_requests(ResetCause cause) {
  std::uint16_t& dr1 = hardware_.backup().dr1;
  if (dr1 == kEnterDfu || dr1 == kEnterSafeMode) {
    wishes_.dfu = dr1 == kEnterDfu;
    wishes_.safe_mode = dr1 == kEnterSafeMode;
    dr1 = kTaken;
  } else if (cause != ResetCause::watchdog) {
    dr1 = kBooted;
  } else {
    ++dr1;
    wishes_.factory_reset = dr1 == kSecondWatchdogReset;
    wishes_.dfu = dr1 >= kThirdWatchdogReset;
    if (wishes_.dfu) dr1 = kTaken;
  }
  if (flags_.ota_update == SystemFlags::kOtaPending) wishes_.dfu = true;
  if (flags_.factory_reset == SystemFlags::kFactoryReset) {
    wishes_.factory_reset = true;
    flags_.factory_reset = 0xFFFF;
    save_flags(hardware_, profile_.flags, flags_);
  }
}

base::Micros Bootloader::held() const { return hardware_.now() - button_since_; }

std::optional<base::Instant> Bootloader::next_event() const {
  if (phase_ == Phase::dfu) return dfu_->leaves_at();
  if (phase_ != Phase::button) return std::nullopt;
  for (const base::Micros at : {kSafeModeAt, kDfuAt, kFactoryAt, kSettingsAt, kButtonEnd}) {
    if (at > button_shown_) return button_since_ + at;
  }
  return std::nullopt;
}

void Bootloader::run(base::Instant now) {
  if (phase_ == Phase::button) {
    button_shown_ = now - button_since_;
    show_button(button_shown_);
    const bool no_choice = profile_.button_ends_without_image && button_shown_ >= kDfuAt &&
                           !factory_slot().has_value();
    if (no_choice || button_shown_ >= kButtonEnd) finish_button(button_shown_);
  } else if (phase_ == Phase::dfu && dfu_->leaves_at() && *dfu_->leaves_at() <= now) {
    leave();
  }
}

void Bootloader::mode_button(bool pressed) {
  if (phase_ == Phase::button && !pressed) finish_button(held());
}

void Bootloader::show_button(base::Micros held) {
  if (held >= kSettingsAt) {
    led_ = {"white", "blinking"};
  } else if (held >= kFactoryAt && factory_slot()) {
    led_ = {"green", "blinking"};
  } else if (held >= kDfuAt) {
    led_ = {"yellow", "blinking"};
  } else if (held >= kSafeModeAt) {
    led_ = {"magenta", "blinking"};
  }
}

void Bootloader::finish_button(base::Micros held) {
  phase_ = Phase::over;
  if (held >= kSettingsAt) {
    wishes_ = {};
    wishes_.settings_reset = true;
  } else if (held > kFactoryAt && factory_slot()) {
    wishes_.factory_reset = true;
  } else if (held >= kDfuAt) {
    wishes_.dfu = true;
  } else if (held >= kSafeModeAt) {
    wishes_.safe_mode = true;
  }
  decide();
}

void Bootloader::decide() {
  if (wishes_.dfu) {
    enter_dfu();
    return;
  }
  if (wishes_.safe_mode || wishes_.settings_reset) {
    if (wishes_.safe_mode) flags_.startup_mode = SystemFlags::kSafeMode;
    if (wishes_.settings_reset) flags_.nvmem_reset = kSettingsReset;
    save_flags(hardware_, profile_.flags, flags_);
  }
  if (wishes_.factory_reset && restore_factory()) return;
  apply_updates();
  if (firmware_looks_valid()) {
    boot();
    return;
  }
  led_ = {"red", "solid"};
  // With an image that can be restored this goes on for ever: it is the application's sector that
  // is restored, never index 1.
  if (!restore_factory()) enter_dfu();
}

void Bootloader::enter_dfu() {
  hardware_.spend(profile_.to_dfu);
  hardware_.pull_up(true);
  phase_ = Phase::dfu;
  led_ = {"yellow", "blinking"};
  dfu_.emplace(hardware_, profile_);
}

void Bootloader::boot() {
  phase_ = Phase::over;
  hardware_.spend(profile_.to_firmware);
  if (flags_.watchdog == SystemFlags::kArmWatchdog) {
    const platform::Platform& device = hardware_.flash().platform();
    const auto system =
        header_at(hardware_.flash(), device.slot(platform::kSystemPart2)->flash.begin);
    const bool old = system && system->version < kOldSystem;
    if (!old || !profile_.skips_watchdog_for_old) hardware_.start_watchdog(kWatchdog);
  }
  hardware_.start_firmware();
}

// Index 1's header and nothing else: no checksum, no look at the others.
bool Bootloader::firmware_looks_valid() const {
  const FlashMemory& flash = hardware_.flash();
  const std::uint32_t start = flash.platform().slot(platform::kSystemPart1)->flash.begin;
  const auto header = header_at(flash, start);
  return header && header->start == start && header->end <= flash.range().end &&
         header->platform == flash.platform().id;
}

std::optional<ModuleSlot> Bootloader::factory_slot() const {
  FlashMemory& flash = hardware_.flash();
  const platform::Platform& device = flash.platform();
  ModuleSlot slot = read_slot(Dct(flash, profile_.dct), 0);
  if (slot.magic != ModuleSlot::kFactory) {
    if (!profile_.factory_without_slot) return std::nullopt;
    slot = {};
    slot.source = factory_address(profile_, device);
    slot.destination = device.slot(platform::kUserPart)->flash.begin;
    slot.function = static_cast<std::uint8_t>(platform::ModuleFunction::user_part);
    slot.length = device.slot(platform::kUserPart)->flash.size();
  }
  const base::AddressRange all = flash.range();
  if (!all.contains(slot.source) || slot.length > all.end - slot.source) return std::nullopt;
  const auto header = whole_module_at(flash, slot.source, slot.source + slot.length);
  if (!header || header->start != slot.destination) return std::nullopt;
  slot.length = header->size();
  return slot;
}

bool Bootloader::restore_factory() {
  const auto slot = factory_slot();
  if (!slot) return false;
  led_ = {"green", "fast blinking"};
  if (!copy_module(hardware_, *slot)) return false;
  phase_ = Phase::over;
  hardware_.reset(ResetCause::software);
  return true;
}

void Bootloader::apply_updates() {
  Dct dct(hardware_.flash(), profile_.dct);
  for (int index = 1; index < ModuleSlot::kCount; ++index) {
    const ModuleSlot slot = read_slot(dct, index);
    if (slot.magic != ModuleSlot::kUpdate) continue;
    led_ = {"magenta", "fast blinking"};
    if (profile_.clears_slot_first && !clear_slot(dct, index)) continue;
    // Refused or not, the slot is used up.
    [[maybe_unused]] const bool copied = copy_module(hardware_, slot);
    if (!profile_.clears_slot_first && !clear_slot(dct, index)) continue;
  }
}

void Bootloader::leave() {
  flags_ = load_flags(hardware_, profile_.flags);
  flags_.watchdog = SystemFlags::kArmWatchdog;
  flags_.ota_update = SystemFlags::kOtaDone;
  hardware_.backup().dr10 = kLeftDfu;
  save_flags(hardware_, profile_.flags, flags_);
  hardware_.pull_up(false);
  hardware_.spend(kDisconnect);
  phase_ = Phase::over;
  hardware_.reset(ResetCause::software);
}

ControlReply Bootloader::control(const usb::ControlSetup& setup, std::uint16_t length,
                                 base::ByteView out) {
  if (!dfu_) return {ControlReply::Kind::never, {}, {}};
  return dfu_->control(setup, length, out);
}

ControlReply::Kind Bootloader::data_taken() {
  return dfu_ ? dfu_->data_taken() : ControlReply::Kind::done;
}

void Bootloader::bus_reset() {
  if (dfu_) dfu_->bus_reset();
}

Led Bootloader::led() const { return led_; }

namespace {

// Sector 0 holds nothing that runs: only a debug probe could help such a device.
class NoBootloader final : public Program {
 public:
  ControlReply control(const usb::ControlSetup& /*setup*/, std::uint16_t /*length*/,
                       base::ByteView /*out*/) override {
    return {ControlReply::Kind::never, {}, {}};
  }
  Led led() const override { return {}; }
};

}  // namespace

std::unique_ptr<Program> make_bootloader(Hardware& hardware, ResetCause cause,
                                         const BootloaderProfile& preferred) {
  const FlashMemory& flash = hardware.flash();
  const base::AddressRange sector = flash.platform().slot(platform::kBootloader)->flash;
  const auto header = whole_module_at(flash, sector.begin, sector.end);
  if (!header || header->id.function != platform::ModuleFunction::bootloader) {
    return std::make_unique<NoBootloader>();
  }
  const BootloaderProfile& profile =
      header->version == preferred.version ? preferred : bootloader_profile(header->version);
  return std::make_unique<Bootloader>(hardware, cause, profile);
}

}  // namespace sim
