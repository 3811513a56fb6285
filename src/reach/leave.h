// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Letting a device go, and where it is then.

#include "medium/session.h"
#include "work/context.h"
#include "work/voice.h"

#include <memory>

namespace reach {

// Leaves DFU mode and waits until the device is back with a serial port, or for 5 s without one, as
// where the computer has no driver; a leave that was not heard is repeated. Closes the session. A
// wish to stop that comes once the device was told to leave is granted when it is back, or after
// ten seconds. Errors: not_back, cancelled, the transport's.
base::Result<discovery::Device> leave_and_wait(const work::Context& context, work::Voice& voice,
                                               std::unique_ptr<medium::Session> session,
                                               events::Totals& totals);

// Waits until a device that has just started has stayed for FaultPolicy::settle: the first start of
// a release may replace the bootloader, and must not be disturbed. Errors: not_back, cancelled.
base::Result<discovery::Device> settle(const work::Context& context, discovery::Device device);

// Where the device on `port` is now. One that was told to start and is on its way is waited for,
// ten seconds at most.
events::Whereabouts look_for(const work::Context& context, const usb::PortPath& port,
                             bool told_to_start);

}  // namespace reach
