// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace job {
namespace {

events::StageReport blank_report(const plan::Stage& stage) {
  events::StageReport report;
  report.release = stage.release;
  report.medium = stage.medium;
  for (const plan::Step& step : stage.steps) {
    // Planning has found the very same content there, by its checksum or its bytes.
    report.steps.push_back({.step = step, .verified = step.action == plan::Action::skip});
  }
  return report;
}

// The step of an earlier round that this one repeats: what was written then is found now.
bool same_work(const plan::Step& a, const plan::Step& b) {
  const auto kind = [](plan::Action action) {
    return action == plan::Action::skip ? plan::Action::write : action;
  };
  return kind(a.action) == kind(b.action) && a.content.name == b.content.name;
}

bool is_done(const events::StepReport& step) {
  return step.step.action != plan::Action::skip && (step.verified || step.told);
}

}  // namespace

void Rounds::expect(const plan::Plan& plan) {
  report_.stages.clear();
  for (const plan::Stage& stage : plan.stages) {
    report_.stages.push_back(blank_report(stage));
    report_.stages.back().number = report_.stages.size() - 1;
  }
}

events::StageReport* Rounds::find(const plan::Stage& stage) {
  const auto found = std::ranges::find_if(report_.stages, [&](const events::StageReport& report) {
    return report.release == stage.release && report.medium == stage.medium;
  });
  return found == report_.stages.end() ? nullptr : &*found;
}

events::StageReport Rounds::begin(const plan::Stage& stage) {
  events::StageReport round = blank_report(stage);
  if (const events::StageReport* known = find(stage)) {
    round.number = known->number;
    return round;
  }
  round.number = report_.stages.size();
  report_.stages.push_back(round);
  return round;
}

void Rounds::end(const events::StageReport& round) {
  events::StageReport& sum = report_.stages[round.number];
  sum.complete = round.complete;
  sum.booted = sum.booted || round.booted;
  for (const events::StepReport& step : round.steps) {
    const auto same = std::ranges::find_if(sum.steps, [&](const events::StepReport& other) {
      return same_work(other.step, step.step);
    });
    if (same == sum.steps.end()) {
      sum.steps.push_back(step);
    } else {
      add_round(*same, step);
    }
  }
}

std::size_t Rounds::finished() const {
  std::size_t count = 0;
  for (const events::StageReport& stage : report_.stages) {
    count += static_cast<std::size_t>(std::ranges::count_if(stage.steps, is_done));
  }
  return count;
}

void Rounds::booted(const plan::Stage& stage) {
  booted_ = true;
  if (events::StageReport* report = find(stage)) report->booted = true;
}

bool Rounds::as_expected(const plan::InstalledModule& found) const {
  const auto touches = [&](const events::StepReport& step) {
    return step.touched() && step.step.content.module == found.id;
  };
  // What was worked on last decides.
  for (auto stage = report_.stages.rbegin(); stage != report_.stages.rend(); ++stage) {
    if (std::ranges::none_of(stage->steps, touches)) continue;
    const auto wrote = std::ranges::find_if(stage->steps, [&](const events::StepReport& step) {
      return touches(step) && step.step.action != plan::Action::guard_open;
    });
    const bool sure = wrote != stage->steps.end() && wrote->verified;
    if (!sure || !wrote->step.content.checked) return true;
    return compare(found.seen, *wrote->step.content.checked) == plan::Sameness::same;
  }
  const plan::InstalledModule* before = report_.before->find(found.id);
  return before == nullptr || before->seen == found.seen;
}

base::Result<> Rounds::check(const plan::InstalledState& state, const usb::PortPath& port) {
  const bool lost = std::exchange(lost_, false);
  const bool booted = std::exchange(booted_, false);
  if ((!lost && !booted) || !report_.before) return {};
  for (const plan::InstalledModule& found : state.modules) {
    // The system firmware brings its own bootloader; a bootloader may restore the application.
    const bool ours = found.id.function == platform::ModuleFunction::system_part ||
                      (found.id == platform::kUserPart && state.factory_image == false);
    if (!ours || as_expected(found)) continue;
    if (booted) {
      return base::make_error(
          base::Errc::not_back, "stage-differs",
          fmt::format("after the start, the {} is no longer what was written and verified",
                      platform::describe(found.id)),
          "run the same command again");
    }
    return base::make_error(
        base::Errc::no_device, "another-device",
        fmt::format("the Electron that is now on {} is another one: its {} is not what this job "
                    "has left there; nothing of it was written",
                    usb::to_string(port), platform::describe(found.id)),
        "plug the right device in again and run the same command again");
  }
  return {};
}

std::vector<base::AddressRange> Rounds::not_saved(const plan::Plan& plan) const {
  std::vector<base::AddressRange> sectors;
  for (const plan::Stage& stage : plan.stages) {
    for (const plan::Step& step : stage.steps) {
      if (step.action == plan::Action::skip || step.action == plan::Action::send) continue;
      const base::AddressRange& place = step.content.place;
      if (std::ranges::find(saved_, place) != saved_.end()) continue;
      if (std::ranges::find(sectors, place) == sectors.end()) sectors.push_back(place);
    }
  }
  std::ranges::sort(sectors, {}, &base::AddressRange::begin);
  return sectors;
}

void Rounds::saved(const std::vector<base::AddressRange>& sectors) {
  saved_.insert(saved_.end(), sectors.begin(), sectors.end());
}

std::vector<firmware::CheckedModule> Rounds::modules_in_the_end() const {
  std::vector<firmware::CheckedModule> modules;
  for (const events::StageReport& stage : report_.stages) {
    for (const events::StepReport& step : stage.steps) {
      if (!step.step.content.checked) continue;
      const firmware::CheckedModule& module = *step.step.content.checked;
      std::erase_if(modules, [&](const auto& other) { return other.id() == module.id(); });
      modules.push_back(module);
    }
  }
  return modules;
}

}  // namespace job
