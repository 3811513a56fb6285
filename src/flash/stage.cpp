// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/stage.h"

#include <fmt/format.h>

#include <algorithm>

namespace flash {

bool writes_something(const plan::Stage& stage) {
  return std::ranges::any_of(stage.steps,
                             [](const plan::Step& s) { return s.action == plan::Action::write; });
}

std::vector<base::AddressRange> sectors_of(const plan::Stage& stage,
                                           const platform::Platform& platform) {
  std::vector<base::AddressRange> sectors;
  for (const plan::Step& step : stage.steps) {
    if (step.action != plan::Action::write) continue;
    // A checked module has a slot of its own, and every slot is a sector.
    if (const platform::Sector* sector = platform.sector_at(step.module.address())) {
      sectors.push_back(sector->range);
    }
  }
  return sectors;
}

StageWork work_of(const plan::Stage& stage, const platform::Platform& platform) {
  StageWork work;
  for (std::size_t i = 0; i < stage.steps.size(); ++i) {
    const plan::Step& step = stage.steps[i];
    const platform::Sector* sector = platform.sector_at(step.module.address());
    if (step.action != plan::Action::write || sector == nullptr) continue;
    if (stage.guard && stage.guard->module == step.module.id()) work.guarded = work.sectors.size();
    SectorWork one;
    one.sector = sector->range;
    one.image = step.module.image();
    one.may_be_protected = step.module.id().function == platform::ModuleFunction::system_part;
    one.subject =
        step.module.id() == platform::kUserPart
            ? platform::describe(step.module.id())
            : fmt::format("{} ({})", platform::describe(step.module.id()), stage.release.text());
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
