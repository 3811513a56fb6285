// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The one frame of every job on one device:
//
//   find · observe · plan · approve · save · apply · observe · confirm · put back · report
//
// What differs is the goal (goal.h) and the way (way/way.h). A job shares its thread with its
// caller and never fails to return: the outcome is in the report.

#include "events/report.h"
#include "job/goal.h"
#include "way/ymodem_way.h"
#include "work/context.h"

#include <functional>
#include <optional>
#include <string>

namespace job {

enum class Via {
  automatic,  // DFU; the serial line for a device that goes to listening mode but not to DFU mode
  dfu,
  serial,
};

struct Request {
  Goal goal;
  Via via = Via::automatic;
  way::YmodemOptions serial;  // for the stages that go over the serial line
  // Stop after the plan; nothing is written.
  bool dry_run = false;
  // Where what is overwritten is kept; none: --no-backup. See vault::default_path().
  std::optional<std::string> backup_path;
  std::string made_at;  // the time of day as text, for the backup's manifest
  // Shown the first plan before anything is written; false stops the job as if interrupted. Empty:
  // go on.
  std::function<bool(const plan::Plan&)> approve;
};

// Milliseconds that carrying the plan out takes, as far as the device's own clock tells: writing
// and reading back, starting, asking; and saving what is overwritten. Of a plan with stages.
double weight_of(const plan::Plan& plan, bool saves);

// Look at the device, plan, do the next stage, and look again, until nothing is left to be done.
// Whatever stops it, the same job run again goes on. A device that was running runs again unless
// something of it was written; one that was in DFU mode and was only read stays there.
events::DeviceReport run(const work::Context& context, const discovery::Device& device,
                         const Request& request);

}  // namespace job
