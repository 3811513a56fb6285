// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The state of a slot as one pure function: state, event and time in, state and actions out.
// Nothing here knows threads, devices, records or hooks; whoever does carries the actions out and
// tells what came of them as events.
//
//   empty ─plugged─► seen ─300 ms─► asking ─decided─► working ─ended─► (recording, hook) ─► latched
//                                      │                 ▲  │
//                                      └─► done-already  └──┴─ retrying (exit 6 or 7, tries left)
//                                      └─► hold
//
// One insertion has one result. It stays until the port was empty for `leave_after`; a board that
// comes back sooner and is known to be the same was never away. One that tells no id keeps a FAIL,
// but never a PASS: that could be another's.

#include "station/slot_values.h"

#include <optional>

namespace station {

// Pure and total: an event that means nothing in a state changes nothing.
Step next(const Slot& slot, const SlotEvent& event, base::Instant now, const SlotRules& rules);

// When a Tick changes something; none if only an event can.
std::optional<base::Instant> tick_at(const Slot& slot, const SlotRules& rules);

// Another device than before, as far as both tell.
bool is_other(const Guest& before, const Guest& now);

}  // namespace station
