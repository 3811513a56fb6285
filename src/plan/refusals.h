// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Why there is no plan, and what to get.

#include "plan/search.h"

namespace plan {

// --target auto, and no application on the device that says what it was built for.
Refusal no_application_to_follow();
// Nothing can be said about the system parts.
Refusal unknown_state();
// Serial and over the air: only running firmware takes a module.
Refusal nothing_runs();
// Only an application or a bootloader is asked for, and the system does not start.
Refusal system_does_not_start(const InstalledState& state, const release::Catalogue& catalogue);
// `end` is the state with the application in it: none if its system satisfies it.
std::optional<Refusal> application_refusal(const InstalledState& end,
                                           const release::Catalogue& catalogue);
// `running` is what the bootloader meets: none if it is taken, and stays.
std::optional<Refusal> bootloader_refusal(const InstalledState& running, const Request& request,
                                          const release::Catalogue& catalogue);
// The quest fails with the files at hand. `every` are all waypoints, those at hand or not.
Refusal route_refusal(const Quest& quest, std::span<const PartSet> every,
                      const release::Library& library, const release::Catalogue& catalogue);

}  // namespace plan
