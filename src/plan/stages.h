// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// From a route to the stages and steps that a person reads and a way walks.

#include "plan/search.h"

namespace plan {

// `state` is what the stage begins with, `user_part` the application that is written with it, if
// one is. Every set of the route has its files.
Stage make_stage(const Leg& leg, const firmware::CheckedModule* user_part,
                 const InstalledState& state, Medium medium);
// Only the application; the system parts stay.
Stage application_stage(const firmware::CheckedModule& user_part, const InstalledState& state,
                        Medium medium);
// Only a bootloader, which nothing but running firmware puts in place.
Stage bootloader_stage(const firmware::CheckedModule& bootloader, const InstalledState& state,
                       Medium medium);

// Why index 1's sector must not be without a valid header, even for a moment; empty if it may, so
// that a guard is possible.
std::string why_no_guard(const InstalledState& state);
inline constexpr std::string_view kGuardReason =
    "erased first and its start address written last of all: interrupted at any moment between, "
    "the device returns to DFU mode by itself";
inline constexpr std::string_view kOpens = "first: without it the device returns to DFU mode";
inline constexpr std::string_view kCloses = "last: with it the device starts again";

}  // namespace plan
