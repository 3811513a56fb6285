// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a job's report means for a slot and for its row. Pure.

#include "events/event.h"
#include "events/report.h"
#include "records/row.h"
#include "station/slot.h"

#include <optional>

namespace station {

// What of a running job a slot has to remember until it is over.
struct JobMemory {
  std::optional<events::Doing> doing;   // the step that was begun last
  std::optional<events::Doing> failed;  // the last one that did not end well
  bool lost = false;  // a step failed in which the device has to stay, and none has gone well since
  events::Part part = events::Part::none;
  double share = 0;
  int retries = 0;
  bool was_back = false;  // it started after the last byte was written, and was seen again
};
// Whether the device leaves the bus by itself now. To reach one that was lost is no reason to.
bool may_restart(const JobMemory& memory);
// Takes what the job said.
void remember(JobMemory& memory, const events::Event& event);

JobEnd job_end_of(const events::DeviceReport& report, const JobMemory& memory);

// All of the row's ending but its outcome, code, message and time of day.
records::Ending ending_of(const events::DeviceReport& report, const JobMemory& memory);

}  // namespace station
