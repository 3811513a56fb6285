// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How long a step takes on the device's own clock, in milliseconds.

#include "plan/plan.h"

namespace plan {

unsigned weight_of(Action action, const Content& content, const platform::Platform& platform);

}  // namespace plan
