// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Takes a device from one mode to another, preferably without anybody touching it: do what the
// release understands, wait for the device to come back on the same port in the wanted mode, else
// say what to press and which LED to expect, and wait for that.

#include "discovery/device.h"
#include "work/context.h"
#include "work/voice.h"

#include <string>

namespace reach {

struct Patience {
  base::Micros by_itself;  // how long a device may take without help
  base::Micros by_person;  // how long to wait for somebody at the device; 0: nobody is there
  std::string release;     // what it runs, such as "0.6.4", if the caller knows; else empty. One
                           // that needs longer by itself (0.5.x) is waited for longer
};
// 20 s by itself, then two minutes for a person.
Patience attended();
// 30 s by itself, nobody there.
Patience unattended();

// Each returns the device as it is then, and leaves one alone that is known to be in that mode.
// Errors: timeout (the hint says what to press), busy and access_denied for the port, device_gone,
// no_device (another one is on that port), cancelled. A device that was asked already is waited for
// although somebody wishes to stop: it may be returned after that wish.
base::Result<discovery::Device> to_dfu(const work::Context& context, work::Voice& voice,
                                       const discovery::Device& device, const Patience& patience);
base::Result<discovery::Device> to_listening(const work::Context& context, work::Voice& voice,
                                             const discovery::Device& device,
                                             const Patience& patience);
// Since 0.6.0 there is no way to see whether a running device listens that does not disturb it: it
// is taken to listening mode first, and leaves that.
base::Result<discovery::Device> to_normal(const work::Context& context, work::Voice& voice,
                                          const discovery::Device& device,
                                          const Patience& patience);

}  // namespace reach
