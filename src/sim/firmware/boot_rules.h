// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What happens when the bootloader jumps: nothing verifies the system parts against each other, so
// a part that is missing, damaged or too old for index 2 shows as a hang or a crash.

#include "sim/board/hardware.h"
#include "sim/board/stored_module.h"
#include "sim/firmware/firmware_profiles.h"

namespace sim {

enum class StartVerdict {
  runs,
  hangs,   // before any handler is installed: dead, but a watchdog that was armed bites
  panics,  // inside the firmware: its panic handler blinks SOS, feeds the watchdog and resets
};

struct InstalledParts {
  bool monolithic = false;  // in one piece: then index 1 and index 2 are it, application and all
  StoredModule index1;
  StoredModule index2;
  StoredModule index3;
  StoredModule user;
};

InstalledParts look_at_parts(const FlashMemory& flash, const platform::Platform& platform);

StartVerdict judge_start(const FlashMemory& flash, const InstalledParts& parts);

// The application may run: it is whole, and what it asks for is there.
bool user_part_usable(const FlashMemory& flash, const platform::Platform& platform,
                      const SystemProfile& profile, const InstalledParts& parts);

// A whole user part in the factory store.
bool has_factory_image(const FlashMemory& flash, const platform::Platform& platform,
                       const SystemProfile& profile);
base::AddressRange factory_store(const platform::Platform& platform, const SystemProfile& profile);

// The bootloader that the firmware would install now; empty if it installs none. Cut out of the
// part where it carries one, else synthesised with the version that the release carries.
base::Bytes bootloader_to_install(const FlashMemory& flash, const platform::Platform& platform,
                                  const SystemProfile& profile, const InstalledParts& parts);

}  // namespace sim
