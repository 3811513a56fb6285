// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Finding a device again that was lost in the middle of its job.

#include "reach/switching.h"

namespace reach {

// After the device was lost to `why`: waits for it on its port, in any mode, and takes it to DFU
// mode. Asks for help when it does not come by itself. Errors: those of to_dfu().
base::Result<discovery::Device> dfu_again(const work::Context& context, work::Voice& voice,
                                          const discovery::Device& device, const base::Error& why);

// A device that is to run on `port`: with its serial port, or without one where it has been there
// for a while. One that is in DFU mode is waited for. Errors: timeout, cancelled.
base::Result<discovery::Device> wait_for_running(const work::Context& context,
                                                 const usb::PortPath& port, base::Micros within);

// Errors after which the device may come back, so that waiting for it is worth while.
bool is_loss(const base::Error& error);

}  // namespace reach
