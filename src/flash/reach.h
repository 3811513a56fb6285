// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Getting at a device, and letting it go: the waits between the pieces of work of a job.

#include "flash/job.h"
#include "flash/session.h"
#include "flash/voice.h"

#include <memory>
#include <string>

namespace flash {

// What to press, in one sentence.
std::string how_to_reach_dfu();

// A device that is known to be on its port, in any mode, into DFU mode; asks for the MODE button if
// it does not go by itself. Errors: timeout, cancelled, no_device (another one is on that port).
base::Result<discovery::Device> reach_dfu(Bench& bench, Voice& voice,
                                          const discovery::Device& device);

// After the device was lost to `why`: waits for it on its port, in any mode, and takes it to DFU
// mode. Asks for help when it does not come by itself. Errors: as above.
base::Result<discovery::Device> reach_again(Bench& bench, Voice& voice,
                                            const discovery::Device& device,
                                            const base::Error& why);

// Leaves DFU mode and waits until the device is back with a serial port; a leave that was not heard
// is repeated. Closes the session. Errors: not_back, cancelled, and the transport's.
base::Result<discovery::Device> leave_and_wait(Bench& bench, Voice& voice,
                                               std::unique_ptr<Session> session, Totals& totals);

// Waits until a device that has just started has stayed for FaultPolicy::settle: the first start of
// a release may replace the bootloader, and must not be disturbed. Errors: not_back, cancelled.
base::Result<discovery::Device> settle(Bench& bench, Voice& voice, discovery::Device device);

// Where the device on `port` is now, without waiting.
Whereabouts look_for(Bench& bench, const usb::PortPath& port);

// Errors after which the device may come back, so that waiting for it is worth while.
bool is_loss(const base::Error& error);

}  // namespace flash
