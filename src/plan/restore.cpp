// SPDX-License-Identifier: GPL-3.0-or-later
//
// Putting a backup back: whatever it holds, also that of a device that does not start.

#include "firmware/parse.h"
#include "plan/stages.h"
#include "plan/weight.h"

#include <algorithm>

namespace plan {
namespace {

using platform::kSystemPart1;
using platform::Platform;

bool is_system_place(const Content& content, const Platform& platform) {
  const platform::Slot* slot = platform.slot_at(content.place.begin);
  return slot != nullptr && slot->module.function == platform::ModuleFunction::system_part;
}

bool is_index1_place(const Content& content, const Platform& platform) {
  const platform::Slot* slot = platform.slot(kSystemPart1);
  return slot != nullptr && content.place.begin == slot->flash.begin;
}

// The bytes, and behind them blank: what the place shall hold and what it holds.
bool holds(base::ByteView there, base::ByteView wanted) {
  if (there.size() < wanted.size()) return false;
  return std::ranges::equal(there.first(wanted.size()), wanted) &&
         base::is_blank(there.subspan(wanted.size()));
}

// Would the bootloader start it? It looks at the header alone. Monolithic firmware counts, too.
bool starts_with(const Content& content, const Platform& platform) {
  const auto header = firmware::parse_header(content.image(), nullptr);
  return header && header->start == content.place.begin && header->end <= platform.flash.end &&
         header->platform == platform.id;
}

Step make_step(const RestoreRegion& region, const InstalledState& state) {
  Step step;
  step.content = region.content;
  if (region.content.module) {
    if (const InstalledModule* now = state.valid(*region.content.module)) {
      step.from_version = now->version();
    }
  }
  const bool equal = region.there && holds(*region.there, region.content.image());
  step.action = equal ? Action::skip : Action::write;
  step.reason = equal           ? "the same bytes are there already"
                : !region.there ? "what is there could not be read"
                                : "other bytes are there";
  return step;
}

// In the order of the addresses, but the factory image last: with one, some bootloaders restore it
// for ever instead of entering DFU mode, and the guard guards nothing.
std::vector<Step> steps_of(const RestoreRequest& request, const InstalledState& state) {
  std::vector<Step> steps;
  for (const RestoreRegion& region : request.regions) steps.push_back(make_step(region, state));
  std::ranges::sort(steps, {}, [&](const Step& step) {
    const bool factory = state.platform->factory.contains(step.content.place.begin);
    return std::pair(factory, step.content.place.begin);
  });
  return steps;
}

// The guard around the steps, held by `index1`: the backup's system part 1 or the device's own.
void guard(Stage& stage, const Content& index1, const Platform& platform) {
  Step open;
  open.content = index1;
  const auto own = std::ranges::find_if(
      stage.steps, [&](const Step& step) { return is_index1_place(step.content, platform); });
  const bool written_back = own == stage.steps.end() || own->action == Action::skip;
  if (own != stage.steps.end()) {
    open = *own;
    stage.steps.erase(own);
  }
  open.action = Action::guard_open;
  open.reason =
      std::string(kOpens) + (written_back ? "; it is written back" : "; other bytes are there");
  Step close = open;
  close.action = Action::guard_close;
  close.reason = kCloses;
  const auto factory = std::ranges::find_if(stage.steps, [&](const Step& step) {
    return platform.factory.contains(step.content.place.begin);
  });
  stage.steps.insert(factory, std::move(close));
  stage.steps.insert(stage.steps.begin(), std::move(open));
  stage.guard = Guard{kSystemPart1, std::string(kGuardReason)};
}

// Without anything there that starts, the device is in DFU mode after every reset as it is; what
// makes it start comes last, and what keeps it from starting first.
void index1_first(Stage& stage, const Platform& platform) {
  std::stable_partition(stage.steps.begin(), stage.steps.end(),
                        [&](const Step& step) { return is_index1_place(step.content, platform); });
}

void set_guard(Stage& stage, const RestoreRequest& request, const InstalledState& state) {
  const Platform& platform = *state.platform;
  const bool writes_system = std::ranges::any_of(stage.steps, [&](const Step& step) {
    return step.writes() && is_system_place(step.content, platform);
  });
  if (!writes_system) {
    stage.no_guard_reason = "no system part is written";
    return;
  }
  if (std::string why = why_no_guard(state); !why.empty()) {
    stage.no_guard_reason = std::move(why);
    return;
  }
  const auto own = std::ranges::find_if(
      stage.steps, [&](const Step& step) { return is_index1_place(step.content, platform); });
  if (own != stage.steps.end()) {
    const Content index1 = own->content;
    if (starts_with(index1, platform)) {
      guard(stage, index1, platform);
    } else {
      stage.no_guard_reason =
          "the backup has no system part 1 that starts: from its first byte on the device returns "
          "to DFU mode by itself";
      index1_first(stage, platform);
    }
  } else if (request.own_part1 && starts_with(*request.own_part1, platform)) {
    guard(stage, *request.own_part1, platform);
  } else {
    stage.no_guard_reason =
        "there is no system part 1 that starts: the device returns to DFU mode by itself anyway";
  }
}

void warn(Plan& plan, const RestoreRequest& request, const release::Catalogue& catalogue) {
  if (!request.afterwards) return;
  const Judgement judgement = judge(*request.afterwards, catalogue);
  if (judgement.verdict == Verdict::runs) return;
  std::string message = "with this backup the device will be as it was when it was made: ";
  message +=
      judgement.reasons.empty() ? std::string(name(judgement.verdict)) : judgement.reasons.front();
  plan.warnings.push_back({"backup-" + std::string(name(judgement.verdict)), std::move(message)});
}

}  // namespace

Plan make_restore_plan(const InstalledState& state, const RestoreRequest& request,
                       const release::Catalogue& catalogue) {
  Plan plan;
  plan.from = state;
  plan.judgement = judge(state, catalogue);
  for (const InstalledModule& module : state.modules) {
    plan.from_releases.push_back(release_name(module, state.told, catalogue));
  }
  Stage stage;
  stage.reason = "the backup that is put back";
  stage.then = request.leave_in_dfu ? Then::stay : Then::boot;
  stage.steps = steps_of(request, state);
  set_guard(stage, request, state);
  for (Step& step : stage.steps) {
    step.weight = weight_of(step.action, step.content, *state.platform);
  }
  plan.stages.push_back(std::move(stage));
  warn(plan, request, catalogue);
  return plan;
}

}  // namespace plan
