// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Runs hooks, one after the other, and waits for them.

#include "base/cancel.h"
#include "base/clock.h"
#include "station/crew.h"

namespace station {

// Exit 75 is tried again for kNotNowFor. A wish to stop ends a hook like its time limit does.
HookVerdict run_hooks(const HookOrder& order, base::Clock& clock, const base::CancelToken& cancel);

}  // namespace station
