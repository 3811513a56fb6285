// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/stages.h"

#include <fmt/format.h>

#include <algorithm>

namespace plan {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;

bool writes(const Stage& stage, platform::ModuleId id) {
  return std::ranges::any_of(stage.steps, [&](const Step& step) {
    return step.action == Action::write && step.module.id() == id;
  });
}

// Why a part has its place among those that are written.
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

std::string now_there(const InstalledState& state, platform::ModuleId id) {
  const InstalledModule* now = state.find(id);
  if (now == nullptr || now->health == Health::blank) return "; its slot is blank";
  if (now->health == Health::corrupt) return "; what is there is corrupt";
  return {};
}

std::optional<std::uint16_t> version_there(const InstalledState& state, platform::ModuleId id) {
  const InstalledModule* now = state.valid(id);
  if (now == nullptr) return std::nullopt;
  return now->header.version;
}

Step make_step(const firmware::CheckedModule& module, const InstalledState& state) {
  const InstalledModule* now = state.valid(module.id());
  Step step{module, 0, version_there(state, module.id()), Action::write, {}};
  if (now != nullptr && same(*now, installed(module))) {
    step.action = Action::skip;
    step.reason = "the same module is there already";
  }
  return step;
}

}  // namespace

Stage make_stage(const Leg& leg, const InstalledState& state) {
  Stage stage;
  stage.release = leg.set->version;
  std::vector<platform::ModuleId> written;
  for (const std::size_t index : leg.order) {
    Step step = make_step(*leg.set->parts[index].file, state);
    step.part = leg.set->release->part_number(step.module.id());
    if (step.action == Action::write) written.push_back(step.module.id());
    stage.steps.push_back(std::move(step));
  }
  for (Step& step : stage.steps) {
    if (step.action == Action::skip) continue;
    if (step.module.id() == kSystemPart2 && loops(state) && written.front() == kSystemPart2) {
      step.reason = "first: that of 0.6.3 beside a newer system part 3 resets for ever";
      continue;
    }
    step.reason = place(step.module.id(), written) + now_there(state, step.module.id());
  }
  return stage;
}

void add_user_part(Stage& stage, const firmware::CheckedModule& module,
                   const InstalledState& state) {
  Step step = make_step(module, state);
  if (step.action == Action::write) step.reason = "the application that was asked for";
  stage.steps.push_back(std::move(step));
}

void set_guard(Stage& stage, const InstalledState& state) {
  if (!writes(stage, kSystemPart1)) {
    stage.no_guard_reason = "system part 1 is not written";
  } else if (state.factory_image == true) {
    stage.no_guard_reason =
        "with system part 1 gone, the bootloader would restore the factory application for ever "
        "instead "
        "of entering DFU mode";
  } else {
    stage.guard = Guard{kSystemPart1,
                        "erased and written first, but for the start address in its header, "
                        "which comes last of all: interrupted at any moment, the device returns "
                        "to DFU mode by itself"};
  }
}

}  // namespace plan
