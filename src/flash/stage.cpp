// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/stage.h"

#include <fmt/format.h>

#include <algorithm>

namespace flash {

bool writes_something(const plan::Stage& stage) { return !stage.nothing_to_do(); }

std::vector<base::AddressRange> sectors_of(const plan::Stage& stage,
                                           const platform::Platform& platform) {
  std::vector<base::AddressRange> sectors;
  for (const plan::Step& step : stage.steps) {
    if (step.action != plan::Action::write && step.action != plan::Action::guard_open) continue;
    for (const platform::Sector& sector : platform.sectors) {
      if (step.content.place.contains(sector.range)) sectors.push_back(sector.range);
    }
  }
  return sectors;
}

StageWork work_of(const plan::Stage& stage, const platform::Platform&) {
  StageWork work;
  for (std::size_t i = 0; i < stage.steps.size(); ++i) {
    const plan::Step& step = stage.steps[i];
    const plan::Content& content = step.content;
    if (step.action != plan::Action::write && step.action != plan::Action::guard_open) continue;
    if (step.action == plan::Action::guard_open) work.guarded = work.sectors.size();
    SectorWork one;
    one.sector = content.place;
    one.image = content.image();
    one.may_be_protected =
        content.module && content.module->function == platform::ModuleFunction::system_part;
    one.subject = content.name;
    if (one.may_be_protected && stage.release) {
      one.subject += fmt::format(" ({})", stage.release->text());
    }
    work.sectors.push_back(std::move(one));
    work.step_of.push_back(i);
  }
  return work;
}

StageReport new_stage_report(const plan::Stage& stage) {
  StageReport report;
  report.release = stage.release;
  for (const plan::Step& step : stage.steps) {
    // Planning has found the very same module there, by its checksum.
    report.steps.push_back({.step = step, .verified = step.action == plan::Action::skip});
  }
  return report;
}

void fill_report(StageReport& report, const StageWork& work) {
  for (std::size_t i = 0; i < work.sectors.size(); ++i) {
    const SectorWork& sector = work.sectors[i];
    StepReport& step = report.steps[work.step_of[i]];
    step.erased = sector.erased;
    step.written = sector.written;
    step.verified = sector.verified;
    step.bytes_written = sector.bytes_written;
    step.bytes_verified = sector.bytes_verified;
    step.attempts = sector.attempts;
    step.seconds = sector.seconds;
    // What closes the guard is the end of the same work.
    if (i == work.guarded) report.steps.back().verified = sector.verified;
  }
}

std::string describe_whereabouts(Whereabouts where, bool ok) {
  switch (where) {
    case Whereabouts::dfu:
      return ok ? "it is in DFU mode (LED blinks yellow)"
                : "it is in DFU mode (LED blinks yellow); the same command goes on from there";
    case Whereabouts::serial:
      return ok ? "it runs" : "it runs; the same command goes on from there";
    case Whereabouts::gone:
      return "it is not on the bus; plug it in, or take it to DFU mode with the MODE button, and "
             "run "
             "the same command again";
    case Whereabouts::unknown:
      break;
  }
  return "where it is could not be found out; run the same command again";
}

}  // namespace flash
