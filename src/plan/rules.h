// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the system firmware asks of a module that reaches it over the air or by YMODEM before it
// lets the bootloader copy it. The code lives in index 2, so index 2's version decides. DFU asks
// nothing; the planner obeys these rules all the same, because an interrupted session leaves the
// device to them. Sources: device-os, hal/src/stm32f2xx/ota_flash_hal_stm32f2xx.cpp and
// hal/src/electron/ota_flash_hal.cpp at v0.4.6, v0.5.3, v0.7.0, v2.1.0, v2.3.1.

#include "plan/plan.h"

namespace plan {

// refusal_by_rules() for a module of which only the version and the dependencies matter. Codes:
// nothing-runs, unknown-module, bootloader-not-accepted, unknown-dependency, dependency-unmet,
// needed-newer.
std::optional<firmware::Problem> refusal_by_rules(const InstalledState& state,
                                                  const InstalledModule& module);
// after() likewise.
InstalledState after(InstalledState state, const InstalledModule& module);

}  // namespace plan
