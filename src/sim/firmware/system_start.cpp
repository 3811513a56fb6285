// SPDX-License-Identifier: GPL-3.0-or-later
//
// The start of the system firmware, up to the USB pull-up (device-os v0.6.4:
// hal/src/stm32f2xx/core_hal_stm32f2xx.c).

#include "sim/board/dct.h"
#include "sim/firmware/system_firmware.h"
#include "sim/firmware/updater.h"

#include <algorithm>

namespace sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Bit of the startup mode next to SystemFlags::kSafeMode: begin in listening mode.
constexpr std::uint8_t kListenMode = 2;
constexpr base::Micros kFalseDevice = 300ms;
constexpr base::Micros kConnects = 10s;

}  // namespace

// The flag of a DFU leave. Where the flags moved to the backup registers, an older bootloader still
// leaves it in the configuration.
bool SystemFirmware::early_setup_ends_in_reset(Hardware& hardware, const SystemProfile& profile) {
  return load_flags(hardware, profile.flags).watchdog == SystemFlags::kArmWatchdog ||
         load_flags(hardware, FlagStore::dct).watchdog == SystemFlags::kArmWatchdog;
}

void SystemFirmware::start(const InstalledParts& parts) {
  if (early_setup_ends_in_reset(hardware_, profile_)) {
    hardware_.spend(profile_.early_setup);
    if (!profile_.false_usb_device) {
      leave_early_setup();
      return;
    }
    // 0.6.0 shows a device without CDC before it resets. Saving the flags, which stops the CPU,
    // comes after it here, so that the host can talk to that device.
    hardware_.pull_up(true);
    agenda_.at(now() + kFalseDevice, [this] { leave_early_setup(); });
    return;
  }
  protect_flash();
  format_eeprom();
  if (replace_bootloader(parts) || !take_startup_mode(parts)) {
    reset();
    return;
  }
  hardware_.spend(profile_.start_to_usb);
  hardware_.pull_up(true);
  attached_at_ = now();
  if (options_.network) connected_at_ = now() + kConnects;
  await_listening_without_sim();
}

void SystemFirmware::leave_early_setup() {
  for (const FlagStore store : {FlagStore::dct, profile_.flags}) {
    SystemFlags flags = load_flags(hardware_, store);
    if (flags.watchdog != SystemFlags::kArmWatchdog) continue;
    flags.watchdog = 0xFFFF;
    save_flags(hardware_, store, flags);
  }
  reset();
}

// Off since the last DFU erase of the sector, back on at every start.
void SystemFirmware::protect_flash() {
  FlashMemory& flash = hardware_.flash();
  for (const platform::Slot& slot : options_.platform->slots) {
    const bool system = slot.module.function == platform::ModuleFunction::system_part;
    const bool bootloader = slot.module == platform::kBootloader && profile_.protects_bootloader;
    if (system || bootloader) flash.set_write_protected(flash.sector_of(slot.flash.begin), true);
  }
}

// Only whether it was ever used; what is in it belongs to the application.
void SystemFirmware::format_eeprom() {
  const auto& sectors = options_.platform->sectors;
  const auto page = std::find_if(sectors.begin(), sectors.end(), [](const auto& sector) {
    return sector.use == platform::SectorUse::eeprom;
  });
  if (page == sectors.end()) return;
  FlashMemory& flash = hardware_.flash();
  if (!base::is_blank(flash.view(page->range).first(4))) return;
  constexpr std::uint8_t kActivePage[] = {0x00, 0x00, 0xFF, 0xFF};
  flash.program(page->range.begin, kActivePage);
  hardware_.spend(profile_.first_start);
}

// True: a reset follows.
bool SystemFirmware::replace_bootloader(const InstalledParts& parts) {
  const base::Bytes image =
      bootloader_to_install(hardware_.flash(), *options_.platform, profile_, parts);
  if (image.empty()) return false;
  const bool written = write_bootloader(hardware_, *options_.platform, image);
  switch (profile_.after_replacing) {
    case AfterReplacing::reset:
      return written;
    case AfterReplacing::go_on:
      return false;
    case AfterReplacing::on_error:
      return !written;
  }
  return false;
}

// False: the bootloader is asked to restore the factory application, and a reset follows.
bool SystemFirmware::take_startup_mode(const InstalledParts& parts) {
  if (parts.monolithic) return true;
  SystemFlags flags = load_flags(hardware_, profile_.flags);
  const FlashMemory& flash = hardware_.flash();
  const bool has_header = parts.user.header_valid && parts.user.in_store &&
                          parts.user.header.platform == options_.platform->id;
  if (!has_header && has_factory_image(flash, *options_.platform, profile_)) {
    flags.factory_reset = SystemFlags::kFactoryReset;
    save_flags(hardware_, profile_.flags, flags);
    return false;
  }
  safe_mode_ = flags.safe_mode() || !user_part_usable(flash, *options_.platform, profile_, parts);
  const std::uint8_t mode = flags.startup_mode;
  if (mode != 0xFF && (mode & (SystemFlags::kSafeMode | kListenMode)) != 0) {
    flags.startup_mode = 0;
    save_flags(hardware_, profile_.flags, flags);
    if ((mode & kListenMode) != 0) agenda_.at(now(), [this] { enter_listening(); });
  }
  return true;
}

void SystemFirmware::restart_listening() {
  SystemFlags flags = load_flags(hardware_, profile_.flags);
  flags.startup_mode = SystemFlags::kSafeMode | kListenMode;
  save_flags(hardware_, profile_.flags, flags);
  reset();
}

}  // namespace sim
