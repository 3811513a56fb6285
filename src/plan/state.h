// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is installed on a device, as far as planning needs it.

#include "firmware/module.h"
#include "release/catalogue.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plan {

// The contents of one module slot.
enum class Health {
  blank,    // erased: every byte that was read is 0xFF
  corrupt,  // something is there, but header, range, platform or CRC is wrong
  valid,    // header right for the slot and CRC right
};

struct InstalledModule {
  platform::ModuleId id;  // the slot's module
  Health health = Health::blank;
  firmware::ModuleHeader
      header;  // as read; meaningful if `valid`, else what the firmware would see
  std::uint32_t header_offset = 0;
  std::uint32_t crc32 = 0;  // stored CRC, if valid
  bool crc_ok = false;
  std::vector<firmware::Problem> problems;
  bool valid() const { return health == Health::valid; }
};

struct InstalledState {
  const platform::Platform* platform = nullptr;
  std::vector<InstalledModule> modules;  // one per slot of the platform that was looked at
  std::optional<std::uint16_t> bootloader_version;  // from flash, or from the device's own answer
  // A valid application image in the factory sector: with index 1 gone, some bootloaders restore it
  // for ever instead of entering DFU (facts 4.3, 11).
  std::optional<bool> factory_image;  // none: not known

  const InstalledModule* find(platform::ModuleId id) const;
  // The module if it is there and valid, else null.
  const InstalledModule* valid(platform::ModuleId id) const;
};

// What the device does when it is switched on in this state.
enum class Verdict { runs, safe_mode, does_not_boot };
std::string_view name(Verdict verdict);  // "runs", "safe-mode", "does-not-boot"
struct Judgement {
  Verdict verdict = Verdict::runs;
  std::vector<std::string> reasons;  // plain sentences
};
Judgement judge(const InstalledState& state);

// The state of a device that is cleanly at `release` (all parts, the bootloader that release
// installs), from the catalogue; parts without a released binary get the dependencies of facts 8.4.
InstalledState state_of(const release::CatalogueRelease& release,
                        const platform::Platform& platform);

}  // namespace plan
