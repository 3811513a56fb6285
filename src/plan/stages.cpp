// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/stages.h"

#include "plan/weight.h"

#include <fmt/format.h>

#include <algorithm>

namespace plan {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::ModuleFunction;

bool is_system(const Step& step) {
  return step.content.module && step.content.module->function == ModuleFunction::system_part;
}

bool is_index1(const Step& step) { return step.content.module == kSystemPart1; }

// Why a part has its place among those that are written one after the other.
std::string place(platform::ModuleId id, std::span<const platform::ModuleId> written) {
  if (written.size() == 1) return "the only part that differs";
  const bool up = written.back() == kSystemPart2;
  const bool down = written.front() == kSystemPart2;
  const bool three = std::ranges::find(written, kSystemPart3) != written.end();
  if (id == kSystemPart2 && up) {
    return three ? "last: it starts only beside system parts 1 and 3 that are as new"
                 : "last: it starts only beside a system part 1 that is as new";
  }
  if (id == kSystemPart2 && down) return "first: it may be older than the others, never newer";
  if (id == kSystemPart1 && up) return "before system part 2, which depends on it";
  if (id == kSystemPart1 && down) return "after system part 2, which depended on it";
  if (id == kSystemPart3 && up) return "before system part 1, which depends on it";
  if (id == kSystemPart3 && down) return "after system part 1, which depended on it";
  if (id == kSystemPart1) return "before system part 3, which it depended on";
  return "after system part 1, which depended on it";
}

std::string now_there(const InstalledState& state, platform::ModuleId id, Sameness sameness) {
  const InstalledModule* now = state.find(id);
  if (now == nullptr || now->blank()) return "its slot is blank";
  if (!now->valid()) return "what is there is corrupt";
  if (sameness == Sameness::cannot_tell) {
    return "the device names this version, which does not prove its bytes";
  }
  return "another one is there";
}

Step make_step(const firmware::CheckedModule& module, const InstalledState& state, Medium medium) {
  const InstalledModule* now = state.find(module.id());
  const Sameness sameness = now == nullptr ? Sameness::cannot_tell : compare(now->seen, module);
  Step step;
  step.content = content_of(module);
  if (now != nullptr && now->valid()) step.from_version = now->version();
  step.action = sameness == Sameness::same ? Action::skip
                : medium == Medium::dfu    ? Action::write
                                           : Action::send;
  if (sameness != Sameness::same) {
    step.reason = now_there(state, module.id(), sameness);
  } else if (medium == Medium::ota) {
    // Whoever plans over the air takes a version for the module, for want of anything better.
    step.reason = "this version is there already; over the air, no more can be known of it";
  } else {
    step.reason = "the same module is there already";
  }
  return step;
}

// Only what is written one after the other, without a guard, depends on its place.
void explain_order(std::vector<Step>& steps, const InstalledState& state) {
  std::vector<platform::ModuleId> written;
  for (const Step& step : steps) {
    if (step.writes() && is_system(step)) written.push_back(*step.content.module);
  }
  for (Step& step : steps) {
    if (!step.writes() || !is_system(step)) continue;
    if (step.content.module == kSystemPart2 && loops(state) && written.front() == kSystemPart2) {
      step.reason = "first: that of 0.6.3 beside a newer system part 3 resets for ever";
      continue;
    }
    step.reason = place(*step.content.module, written) + "; " + step.reason;
  }
}

// The same steps with index 1 around all others.
std::vector<Step> guarded(std::vector<Step> steps) {
  const auto index1 = std::ranges::find_if(steps, is_index1);
  Step open = *index1;
  Step close = *index1;
  steps.erase(index1);
  open.action = Action::guard_open;
  open.reason = std::string(kOpens) + "; " +
                (open.from_version == open.content.version() ? "it is written back" : open.reason);
  close.action = Action::guard_close;
  close.reason = kCloses;
  steps.insert(steps.begin(), std::move(open));
  steps.push_back(std::move(close));
  return steps;
}

void set_guard(Stage& stage, const InstalledState& state) {
  const bool writes_system = std::ranges::any_of(
      stage.steps, [](const Step& step) { return step.writes() && is_system(step); });
  if (stage.medium != Medium::dfu) {
    stage.no_guard_reason =
        "the running firmware takes each module whole and checks it before the old one goes";
  } else if (!writes_system) {
    stage.no_guard_reason = "no system part is written";
  } else if (std::string why = why_no_guard(state); !why.empty()) {
    stage.no_guard_reason = std::move(why);
  } else if (std::ranges::any_of(stage.steps, is_index1)) {
    stage.guard = Guard{kSystemPart1, std::string(kGuardReason)};
    stage.steps = guarded(std::move(stage.steps));
    return;
  } else {
    stage.no_guard_reason = "this release has no system part 1";
  }
  explain_order(stage.steps, state);
}

void weigh(Stage& stage, const platform::Platform& platform) {
  for (Step& step : stage.steps) step.weight = weight_of(step.action, step.content, platform);
}

}  // namespace

std::string why_no_guard(const InstalledState& state) {
  const std::optional<bool> restores = factory_instead_of_dfu(state);
  if (restores ? !*restores : state.factory_image != true) return {};
  if (!restores) {
    return "there is a factory application, and whether the bootloader would restore it for ever "
           "with system part 1 gone is not known; interrupted, the device may need its MODE button";
  }
  return "with system part 1 gone, the bootloader would restore the factory application for ever "
         "instead of entering DFU mode; interrupted, the device may need its MODE button";
}

Stage make_stage(const Leg& leg, const firmware::CheckedModule* user_part,
                 const InstalledState& state, Medium medium) {
  Stage stage;
  stage.release = leg.set->version;
  stage.medium = medium;
  for (const std::size_t index : leg.order) {
    const firmware::CheckedModule& module = *leg.set->parts[index].file;
    stage.steps.push_back(make_step(module, state, medium));
    stage.steps.back().part = leg.set->release->part_number(module.id());
  }
  if (user_part != nullptr) stage.steps.push_back(make_step(*user_part, state, medium));
  set_guard(stage, state);
  weigh(stage, *state.platform);
  return stage;
}

Stage application_stage(const firmware::CheckedModule& user_part, const InstalledState& state,
                        Medium medium) {
  Stage stage;
  stage.medium = medium;
  stage.reason = "the application that was asked for; the system parts stay as they are";
  stage.steps.push_back(make_step(user_part, state, medium));
  set_guard(stage, state);
  weigh(stage, *state.platform);
  return stage;
}

Stage bootloader_stage(const firmware::CheckedModule& bootloader, const InstalledState& state,
                       Medium medium) {
  Stage stage;
  // DFU cannot write it: the bootloader protects itself.
  stage.medium = medium == Medium::dfu ? Medium::serial : medium;
  stage.reason = "the bootloader that was asked for: only running firmware puts one in place";
  stage.steps.push_back(make_step(bootloader, state, stage.medium));
  set_guard(stage, state);
  weigh(stage, *state.platform);
  return stage;
}

}  // namespace plan
