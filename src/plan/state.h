// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is installed on a device, as far as planning needs it.

#include "plan/evidence.h"
#include "platform/electron_history.h"
#include "release/catalogue.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plan {

// The system part of a release of which no file is at hand, with the dependencies that every
// release of that age has (device-os: modules/shared/stm32f2xx/part{1,2,3}_build.mk at each tag).
// `bootloader_dependency` is that of index 2. Its bytes are not known.
InstalledModule module_by_age(platform::ModuleId id, std::uint16_t version,
                              std::optional<std::uint16_t> bootloader_dependency);

// Where in its image the module of this identity has its header.
std::uint32_t header_offset_of(platform::ModuleId id);

// The releases that it may be of. Where several have this version, `told` decides: the release that
// the device is said to be at.
release::Match recognise(const InstalledModule& module, const std::optional<release::Version>& told,
                         const release::Catalogue& catalogue);

// Its release for people: "0.6.4", "0.5.3 or like it", "2.3.1, other bytes", "in no release"; empty
// for what is no whole system part.
std::string release_name(const InstalledModule& module, const std::optional<release::Version>& told,
                         const release::Catalogue& catalogue);

using platform::kFirstOf070;
using platform::kFirstWithIndex3;
using platform::kVersion053;
using platform::kVersion063;
using platform::kVersion064;

// The device configuration, of which nothing but this is looked at: whether it holds a key. Without
// one the device runs, and the cloud turns it away.
enum class Configuration { unknown, blank, programmed };
std::string_view name(Configuration configuration);  // "unknown", "blank", "programmed"

struct InstalledState {
  const platform::Platform* platform = nullptr;
  std::vector<InstalledModule> modules;  // one per slot of the platform that was looked at
  std::optional<std::uint16_t> bootloader_version;  // from flash, or from the device's own answer
  // A valid application image in the factory sector: with index 1 gone, some bootloaders restore it
  // for ever instead of entering DFU (device-os v0.6.4: bootloader/src/main.c).
  std::optional<bool> factory_image;  // none: not known
  // Slot 0 of the device configuration names it, which bootloaders below 1000 ask for; none: not
  // known.
  std::optional<bool> factory_registered;
  Configuration configuration = Configuration::unknown;
  // As the console tells it, 2.1.0 and newer; none: nobody asked.
  std::optional<std::string> modem_firmware;
  // The release it is said to be at, by the user or by the device's own answer: between releases
  // that share a module version this decides. None: nobody said.
  std::optional<release::Version> told;

  // Firmware in one piece over the places of several parts, as debug builds are: it begins where
  // index 1 does, and `modules` has none of the parts that it covers. Null if there is none.
  const InstalledModule* monolithic() const;
  // The slot, or null if it was not looked at.
  const InstalledModule* find(platform::ModuleId id) const;
  // The module if it is there and valid, else null.
  const InstalledModule* valid(platform::ModuleId id) const;
};

// What helps a device whose configuration is blank.
inline constexpr std::string_view kKeysCure =
    "`particle keys doctor DEVICE_ID` makes new ones (it needs the device in DFU mode, a log-in "
    "and "
    "the network)";

// What the device does when it is switched on in this state.
enum class Verdict {
  runs,
  safe_mode,         // the system firmware runs, the application does not
  does_not_boot,     // it is in DFU mode by itself, or it hangs: the reasons tell which
  restores_factory,  // it puts the factory application into the application's place, then starts it
  restarts,          // for ever
  unknown,           // too little is known
};
std::string_view name(Verdict verdict);  // "runs", "safe-mode", "does-not-boot", …
struct Judgement {
  Verdict verdict = Verdict::runs;
  std::vector<std::string> reasons;  // plain sentences
  std::string cure;  // what helps, where no release is what is missing; may be empty
  // The release that the application wants, where that is what is missing.
  std::optional<release::Version> needs;
  // It runs with system parts of two releases; `flash` to this one finishes what was begun.
  std::optional<release::Version> interrupted;
};
Judgement judge(const InstalledState& state, const release::Catalogue& catalogue);

// Would the bootloader restore the factory application instead of entering DFU mode when index 1
// has no valid header, and so for ever? None: it cannot be told.
std::optional<bool> factory_instead_of_dfu(const InstalledState& state);

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
