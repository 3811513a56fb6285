// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Takes a device from one mode to another, preferably without anybody touching it: do what the
// release understands, wait for the device to come back on the same port in the wanted mode, else
// say what to press and which LED to expect, and wait for that.

#include "base/cancel.h"
#include "base/result.h"
#include "discovery/device.h"
#include "events/event.h"
#include "flash/mode_switch.h"

#include <string>

namespace flash {

// What work on one device needs. All of it outlives the work.
struct Surroundings {
  discovery::World& world;
  const platform::Platform& platform;
  events::Sink& sink;
  const base::CancelToken& cancel;
};

struct SwitchOptions {
  base::Micros by_itself;  // how long a device may take without help
  base::Micros by_person;  // how long to wait for somebody at the device; 0: nobody is there
  std::string release;     // what it runs, such as "0.6.4", if the caller knows; else empty
};
// 20 s by itself, then two minutes for a person.
SwitchOptions attended();
// 30 s by itself, nobody there.
SwitchOptions unattended();

// Each returns the device as it is then, and leaves one alone that is known to be in that mode.
// Errors: timeout (the hint says what to press), busy and access_denied for the port, device_gone,
// cancelled.
base::Result<discovery::Device> to_dfu(const Surroundings& around, const discovery::Device& device,
                                       const SwitchOptions& options);
base::Result<discovery::Device> to_listening(const Surroundings& around,
                                             const discovery::Device& device,
                                             const SwitchOptions& options);
// Since 0.6.0 there is no way to see whether a running device listens that does not disturb it: it
// is taken to listening mode first, and leaves that.
base::Result<discovery::Device> to_normal(const Surroundings& around,
                                          const discovery::Device& device,
                                          const SwitchOptions& options);

// The switch for jobs over DFU: the 14400 touch, then vendor requests where the release has them.
// Never asks a person: the job does.
class FullSwitcher final : public ModeSwitcher {
 public:
  base::Result<discovery::Device> to_dfu(discovery::World& world,
                                         const platform::Platform& platform,
                                         const discovery::Device& device, base::Micros within,
                                         const base::CancelToken& cancel) override;
};

}  // namespace flash
