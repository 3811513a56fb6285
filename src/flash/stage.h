// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A stage of a plan as work on sectors, and the report about it.

#include "flash/report.h"
#include "flash/sector_writer.h"
#include "plan/plan.h"

#include <optional>
#include <vector>

namespace flash {

struct StageWork {
  std::vector<SectorWork> sectors;   // of the steps that write, in their order
  std::vector<std::size_t> step_of;  // for each of them, its step in the stage
  std::optional<std::size_t> guarded;
};

bool writes_something(const plan::Stage& stage);
// The sectors that the stage may erase, in the order of its steps.
std::vector<base::AddressRange> sectors_of(const plan::Stage& stage,
                                           const platform::Platform& platform);
// The work refers to the images of the stage's modules: the stage outlives it.
StageWork work_of(const plan::Stage& stage, const platform::Platform& platform);

StageReport new_stage_report(const plan::Stage& stage);
void fill_report(StageReport& report, const StageWork& work);

// One sentence for DeviceReport::device_state.
std::string describe_whereabouts(Whereabouts where, bool ok);

}  // namespace flash
