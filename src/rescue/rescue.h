// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// librescue: what electron-rescue does, for other programs. In short:
//
//   auto here = rescue::this_computer();                        // or virtual_electron("sim:1.5.0",
//   {}) rescue::Rescue electrons((*here)->world()); auto firmware = rescue::firmware({"firmware"});
//   auto device = electrons.device("");                         // the only one
//   rescue::Watch watch{sink, cancel};
//   events::DeviceReport report = electrons.run(*device, rescue::to_release(version, *firmware),
//   watch);
//
// Nothing here prints, throws, exits or keeps global state. Errors are values (base/result.h); what
// happens meanwhile comes to the sink as events (events/event.h); all of the outcome is in the
// report (events/report.h).

#include "base/cancel.h"
#include "discovery/device.h"
#include "events/event.h"
#include "job/job.h"
#include "plan/plan.h"
#include "release/release_set.h"
#include "rescue/workplace.h"
#include "work/context.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue {

// Who hears of a job, and what stops it at the next safe point. Both outlive the job.
struct Watch {
  events::Sink& sink;
  const base::CancelToken& cancel;
};

// Every valid module in `paths` (files, folders, ZIP, Intel HEX), sorted into releases; what was
// passed over is in it, too. `allow_unknown`: also those whose bytes are not the vendor's. Errors:
// bad_file for a path that is not there.
base::Result<release::Library> firmware(const std::vector<std::string>& paths,
                                        bool allow_unknown = false);

// "2.3.1": a release that the catalogue knows, by its whole name. Errors: usage.
base::Result<release::Version> release_named(const std::string& name);

// The job that brings a device to `target` with the files of `library`, which outlives it. What is
// overwritten is not kept unless the request is given a backup_path.
job::Request to_release(const release::Version& target, const release::Library& library);

// What a device has, and what would be done with it.
struct Planned {
  events::DeviceReport look;             // of the look at it, and where it is now
  std::optional<plan::Outcome> outcome;  // none: it could not be looked at, `look.error` says why
};

class Rescue {
 public:
  // `world` outlives it.
  explicit Rescue(discovery::World& world) : world_(world) {}

  // The Electrons connected now, in port order.
  base::Result<std::vector<discovery::Device>> devices();
  // Exactly one: "" for the only one there is, a device id or the beginning of it,
  // "usb:BUS-PORT[.PORT…]", or the path of a serial port. Errors: usage, no_device,
  // ambiguous_device.
  base::Result<discovery::Device> device(std::string_view selector);

  // Looks at the device and plans; nothing is written. A device that was running runs again
  // afterwards.
  Planned plan(const discovery::Device& device, const plan::Request& request, plan::Medium medium,
               const Watch& watch);
  // Does a whole job. Never fails to return: `error` of the report says what was in the way.
  events::DeviceReport run(const discovery::Device& device, const job::Request& request,
                           const Watch& watch);

  // For work on a device that is no job.
  work::Context work(const Watch& watch);

 private:
  discovery::World& world_;
};

}  // namespace rescue
