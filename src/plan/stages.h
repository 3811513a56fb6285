// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// From a route to the stages and steps that a person reads and a flasher walks.

#include "plan/search.h"

namespace plan {

// `state` is what the stage begins with. Every set of the route has its files.
Stage make_stage(const Leg& leg, const InstalledState& state);
// Adds the step for the application.
void add_user_part(Stage& stage, const firmware::CheckedModule& module,
                   const InstalledState& state);
// Index 1 is protected where the stage writes it and the device can come back to DFU without it.
void set_guard(Stage& stage, const InstalledState& state);

}  // namespace plan
