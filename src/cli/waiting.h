// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Waiting for a device that is not there yet.

#include "cli/context.h"
#include "discovery/device.h"

#include <functional>

namespace cli {

// The first one that --device may mean and that `fits`, as soon as it is there. Only a device that
// may be the one is asked for its id, and none that somebody works on. `otherwise`: the error when
// the time is up. Errors besides: cancelled, and those of listing.
base::Result<discovery::Device> await_device(
    Context& context, const release::Library* library,
    const std::function<bool(const discovery::Device&)>& fits, base::Micros within,
    base::Error otherwise);

}  // namespace cli
