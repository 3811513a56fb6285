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
  // Its length and checksum are known; not so for a release of which no file was ever at hand.
  bool bytes_known() const { return valid() && header.end > header.start; }
};

// What a slot holds once `module` has been written to it.
InstalledModule installed(const firmware::CheckedModule& module);
// The system part of a release of which no file is at hand, with the dependencies that every
// release of that age has (device-os: modules/shared/stm32f2xx/part{1,2,3}_build.mk at each tag).
// `bootloader_dependency` is that of index 2. Length and checksum are not known: end == start.
InstalledModule module_by_age(platform::ModuleId id, std::uint16_t version,
                              std::optional<std::uint16_t> bootloader_dependency,
                              const platform::Platform& platform);
// The very same module: same version, length and checksum; where a device told only the version of
// an intact module, that version, if it names a single release.
bool same(const InstalledModule& a, const InstalledModule& b);

// The first module version of the releases that have an index 3 (0.6.0-rc.1), and of those with a
// bootloader dependency and a new index 3 (0.7.0-rc.1).
inline constexpr std::uint16_t kFirstWithIndex3 = 100;
inline constexpr std::uint16_t kFirstOf070 = 200;
inline constexpr std::uint16_t kVersion063 = 109;
inline constexpr std::uint16_t kVersion064 = 110;

struct InstalledState {
  const platform::Platform* platform = nullptr;
  std::vector<InstalledModule> modules;  // one per slot of the platform that was looked at
  std::optional<std::uint16_t> bootloader_version;  // from flash, or from the device's own answer
  // A valid application image in the factory sector: with index 1 gone, some bootloaders restore it
  // for ever instead of entering DFU (device-os v0.6.4: bootloader/src/main.c).
  std::optional<bool> factory_image;  // none: not known
  // The release it is said to be at, by the user or by the device's own answer: between releases
  // that share a module version this decides. None: nobody said.
  std::optional<release::Version> told;

  // The slot, or null if it was not looked at.
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
// The short form: the system firmware starts and stays up (it may be in safe mode).
bool starts(const InstalledState& state);
// Index 2 of 0.6.3 beside index 3 of 0.7.0 or newer: it writes the bootloader and resets, for ever
// (device-os v0.6.3: hal/src/stm32f2xx/bootloader.cpp).
bool loops(const InstalledState& state);

// The state of a device that is cleanly at `release`: all its system parts, and the bootloader that
// the release installs by itself (none known for 0.5.0 to 0.6.0, which install none). The
// application is not part of it. Empty `modules` if the release's module version is not known.
InstalledState state_of(const release::CatalogueRelease& release,
                        const platform::Platform& platform);

}  // namespace plan
