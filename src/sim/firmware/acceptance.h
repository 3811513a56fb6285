// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Whether the running firmware takes a module that was received into the staging sector. The rules
// are the released ones, with their carelessness: versions are read out of the dependency's sector
// without any check, so a blank sector (version 0xFFFF) satisfies every dependency.
// Source: device-os v0.4.6, v0.5.3, v0.7.0, v2.3.1:
// hal/src/stm32f2xx/ota_flash_hal_stm32f2xx.cpp, hal/src/stm32/ota_module.cpp

#include "firmware/module.h"
#include "sim/board/flash_memory.h"
#include "sim/firmware/firmware_profiles.h"

#include <cstdint>

namespace sim {

// Bits of the checks, as in `vc` and `vv` of the module list (services/inc/module_info.h).
inline constexpr std::uint32_t kIntegrityCheck = 2;
inline constexpr std::uint32_t kDependencyCheck = 4;
inline constexpr std::uint32_t kRangeCheck = 8;
inline constexpr std::uint32_t kPlatformCheck = 16;
inline constexpr std::uint32_t kFullDependencyCheck = 64;

struct Judgement {
  std::uint32_t failed = 0;       // checks that did not pass; 0: accepted
  firmware::ModuleHeader header;  // as found in the staging sector
  bool accepted() const { return failed == 0; }
};

// `staged` is the staging area.
Judgement judge(const FlashMemory& flash, const platform::Platform& platform,
                const SystemProfile& profile, base::AddressRange staged);

}  // namespace sim
