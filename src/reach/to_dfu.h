// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Inner part of switching.h: a running device to DFU mode without anybody's help. First as 14400 on
// its serial line, through the port or, where there is none, as a plain control transfer; then by
// USB request. Nothing but the bus is believed: what was answered may have been lost, and what
// fails may have worked.

#include "discovery/device.h"
#include "work/context.h"

namespace reach {

// Errors: those of to_dfu(), timeout after `within`.
base::Result<discovery::Device> go_to_dfu(const work::Context& context,
                                          const discovery::Device& device, base::Micros within);

}  // namespace reach
