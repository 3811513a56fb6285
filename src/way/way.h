// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A way to a device: how it is looked at, how a stage of a plan is carried out on it, and how it is
// let go. A job knows nothing of DFU or YMODEM, only this.

#include "discovery/device.h"
#include "events/report.h"
#include "vault/save.h"
#include "work/context.h"
#include "work/voice.h"

#include <span>
#include <vector>

namespace way {

// The device that a job is about. Its ways share it, one after the other.
struct Subject {
  discovery::Device device;     // as it was seen last
  events::DeviceReport report;  // what becomes of it
  bool told_to_start = false;   // by a way, and not seen since
};

// All of it outlives the way.
struct Surroundings {
  const work::Context& context;
  work::Voice& voice;
  Subject& subject;
};

// Milliseconds from the leave of DFU mode to the running device's serial port, typically.
inline constexpr unsigned kStartWeight = 2000;

class Way {
 public:
  virtual ~Way() = default;
  virtual plan::Medium medium() const = 0;

  // Takes the device to where it can be looked at and reads what is installed. Errors: those of
  // reach::to_dfu() and to_listening(), and of reading.
  virtual base::Result<plan::InstalledState> observe() = 0;

  // Carries out the steps of the stage, in their order, and nothing else. `report` has the stage's
  // steps; what becomes of them is filled in, also where it fails.
  virtual base::Result<> apply(const plan::Stage& stage, events::StageReport& report) = 0;

  // Lets the device start and waits until it is back. Errors: not_back, cancelled.
  virtual base::Result<> start() = 0;

  // After the error `why`: is it worth while to look at the device afresh? Waits for it, and asks
  // for help. Errors: `why` itself where it is final, else what kept the device from coming.
  virtual base::Result<> meet_again(const base::Error& why) = 0;

  // Gives up what is open, so that others may have the device.
  virtual void close() = 0;
};

}  // namespace way
