// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the system firmware asks of a module that reaches it over the air or by YMODEM before it
// lets the bootloader copy it. The code lives in index 2, so index 2's version decides. DFU asks
// nothing; the planner obeys these rules all the same, because an interrupted session leaves the
// device to them. Sources: device-os, hal/src/stm32f2xx/ota_flash_hal_stm32f2xx.cpp and
// hal/src/electron/ota_flash_hal.cpp at v0.4.6, v0.5.3, v0.7.0, v2.1.0, v2.3.1.

#include "plan/plan.h"

#include <span>

namespace plan {

struct Generation {
  std::string_view releases;           // for messages
  std::uint16_t first;                 // the smallest module version of index 2
  bool knows_index3;                   // else index 3 is refused, and a dependency on it undefined
  bool checks_second_dependency;       // of the new module (never one on a bootloader)
  bool checks_installed;               // that installed parts keep what they depend on …
  bool checks_installed_second;        // … also by their second dependency
  bool unknown_dependency_is_refusal;  // else the result is undefined: we refuse in any case
  bool takes_bootloader;
};

std::span<const Generation> generations();  // oldest first
const Generation& generation_of(std::uint16_t index2_version);

// refusal_by_rules() for a module of which only the version and the dependencies matter. Codes:
// nothing-runs, unknown-module, bootloader-not-accepted, unknown-dependency, dependency-unmet,
// needed-newer.
std::optional<firmware::Problem> refusal_by_rules(const InstalledState& state,
                                                  const InstalledModule& module);
// after() likewise.
InstalledState after(InstalledState state, const InstalledModule& module);

}  // namespace plan
