// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What stands on a tile, so that the terminal, the page and a machine say the same.

#include "events/event.h"
#include "station/slot.h"

#include <string>
#include <string_view>

namespace station {

// "writing", "verifying", …: what a step of a job is called on a tile.
std::string_view phase_of(events::Doing doing, events::Part part);
// The device may leave the bus by itself in this step.
bool may_restart_in(events::Doing doing);

// "WRITING · 43 % · DO NOT PULL", "PASS · TAKE OUT", "FAIL · W6".
std::string word_of(const Slot& slot);

// A letter for what was being done and the exit code of `flash`: "W6". Short enough to be called
// across a hall; docs/bench-guide.md has the letters.
std::string short_code(std::optional<events::Doing> doing, int exit_code);

}  // namespace station
