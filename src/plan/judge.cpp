// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the device does when it is switched on. The bootloader looks at index 1's header alone;
// index 1 jumps into index 2, which calls into index 3 from 0.6.0 on. Every mix of index 1 and
// index 3 starts beside an older index 2; an index 2 that is newer than one of them crashes, and
// then neither USB nor DFU comes back by itself (released firmware executed on a model of the
// chip).

#include "plan/state.h"

#include <fmt/format.h>

namespace plan {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::kUserPart;

// device-os v0.6.4: bootloader/src/main.c, is_application_valid(): no CRC.
bool bootloader_takes(const InstalledModule& index1, const platform::Platform& platform) {
  const platform::Slot* slot = platform.slot(kSystemPart1);
  // A device that told of it had started it.
  if (std::holds_alternative<Told>(index1.seen)) return true;
  const firmware::ModuleHeader* header = index1.header();
  return header != nullptr && slot != nullptr && header->start == slot->flash.begin &&
         header->end <= platform.flash.end && header->platform == platform.id;
}

std::string without_index1(const InstalledState& state) {
  if (state.factory_image == true) {
    return "the bootloader may then restore the factory application for ever; hold MODE while "
           "pressing RESET to get DFU mode";
  }
  return "the bootloader then enters DFU mode by itself";
}

// True if the bootloader starts it all the same.
bool judge_index1(const InstalledState& state, Judgement& into) {
  const InstalledModule* module = state.find(kSystemPart1);
  if (module == nullptr || module->blank()) {
    into.reasons.push_back("system part 1 is missing: " + without_index1(state));
    return false;
  }
  if (state.platform == nullptr || !bootloader_takes(*module, *state.platform)) {
    into.reasons.push_back("system part 1 has no valid header: " + without_index1(state));
    return false;
  }
  into.reasons.emplace_back(
      "system part 1 is corrupt, but its header is whole: the bootloader starts it, and it may "
      "crash; hold MODE while pressing RESET to get DFU mode");
  return true;
}

// `consequence` only matters if the bootloader comes so far.
void judge_missing(const InstalledState& state, platform::ModuleId id, bool gets_so_far,
                   std::string_view consequence, Judgement& into) {
  const InstalledModule* module = state.find(id);
  const bool corrupt = module != nullptr && module->health() == Health::corrupt;
  std::string reason =
      fmt::format("{} is {}", platform::describe(id), corrupt ? "corrupt" : "missing");
  if (gets_so_far) reason += fmt::format(": {}", consequence);
  into.reasons.push_back(std::move(reason));
}

// All system parts that index 2 needs are valid: are they new enough?
void judge_mix(const InstalledState& state, std::uint16_t version2, Judgement& into) {
  const auto too_old = [&](platform::ModuleId id) {
    const InstalledModule* other = state.valid(id);
    if (other == nullptr || other->version() >= version2) return;
    into.reasons.push_back(
        fmt::format("system part 2 ({}) is newer than {} ({}): the firmware crashes while it "
                    "starts, and only the MODE button brings back DFU mode",
                    version2, platform::describe(id), other->version()));
  };
  too_old(kSystemPart1);
  if (version2 >= kFirstWithIndex3) too_old(kSystemPart3);
  if (loops(state)) {
    into.reasons.push_back(
        fmt::format("system part 2 of 0.6.3 ({}) beside system part 3 ({}) of 0.7.0 or newer "
                    "writes the bootloader and resets, for ever",
                    version2, state.valid(kSystemPart3)->version()));
  }
}

void judge_system(const InstalledState& state, Judgement& into) {
  const InstalledModule* index1 = state.valid(kSystemPart1);
  const InstalledModule* index2 = state.valid(kSystemPart2);
  const bool begins = index1 != nullptr || judge_index1(state, into);
  if (index2 == nullptr) {
    judge_missing(state, kSystemPart2, begins,
                  "the device hangs or resets; hold MODE while pressing RESET to get DFU mode",
                  into);
    return;
  }
  const std::uint16_t version2 = index2->version();
  if (version2 >= kFirstWithIndex3 && state.valid(kSystemPart3) == nullptr) {
    judge_missing(state, kSystemPart3, begins,
                  "the firmware crashes while it starts, and only the MODE button brings back DFU "
                  "mode",
                  into);
  }
  if (index1 != nullptr) judge_mix(state, version2, into);
}

// Dependencies that do not hold but do not keep the firmware from starting.
void name_unmet(const InstalledState& state, Judgement& into) {
  for (const platform::ModuleId id : {kSystemPart1, kSystemPart2, kSystemPart3}) {
    const InstalledModule* module = state.valid(id);
    if (module == nullptr) continue;
    for (const firmware::Dependency& dependency : module->dependencies()) {
      if (dependency.none()) continue;
      std::optional<std::uint16_t> there;
      if (dependency.module.function == platform::ModuleFunction::bootloader) {
        // An unknown bootloader is no finding.
        if (!state.bootloader_version) continue;
        there = state.bootloader_version;
      } else if (const InstalledModule* other = state.valid(dependency.module)) {
        there = other->version();
      }
      if (there && *there >= dependency.version) continue;
      into.reasons.push_back(fmt::format(
          "{} ({}) wants {} {} or newer, but {} there; the device starts nevertheless",
          platform::describe(id), module->version(), platform::describe(dependency.module),
          dependency.version, there ? fmt::format("{} is", *there) : std::string("none is")));
    }
  }
}

// device-os v0.6.4: system/src/system_mode.cpp, is_user_module_valid().
bool application_runs(const InstalledState& state, Judgement& into) {
  const InstalledModule* user = state.find(kUserPart);
  if (user == nullptr) return true;  // not looked at
  if (!user->valid()) {
    std::string reason = user->blank() ? "there is no application" : "the application is corrupt";
    if (state.factory_image == true) {
      reason += "; the factory application may be restored in its place";
    }
    into.reasons.push_back(std::move(reason));
    return false;
  }
  for (const firmware::Dependency& dependency : user->dependencies()) {
    if (dependency.none()) continue;
    const InstalledModule* other = state.valid(dependency.module);
    if (other != nullptr && other->version() >= dependency.version) continue;
    into.reasons.push_back(fmt::format(
        "the application wants {} {} or newer, but {} there", platform::describe(dependency.module),
        dependency.version,
        other != nullptr ? fmt::format("{} is", other->version()) : std::string("none is")));
    return false;
  }
  return true;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::runs:
      return "runs";
    case Verdict::safe_mode:
      return "safe-mode";
    case Verdict::does_not_boot:
      return "does-not-boot";
  }
  return "unknown";
}

bool loops(const InstalledState& state) {
  const InstalledModule* index2 = state.valid(kSystemPart2);
  const InstalledModule* index3 = state.valid(kSystemPart3);
  return index2 != nullptr && index3 != nullptr && index2->version() == kVersion063 &&
         index3->version() >= kFirstOf070;
}

bool starts(const InstalledState& state) {
  const InstalledModule* index1 = state.valid(kSystemPart1);
  const InstalledModule* index2 = state.valid(kSystemPart2);
  if (index1 == nullptr || index2 == nullptr || loops(state)) return false;
  const std::uint16_t version2 = index2->version();
  if (index1->version() < version2) return false;
  if (version2 < kFirstWithIndex3) return true;
  const InstalledModule* index3 = state.valid(kSystemPart3);
  return index3 != nullptr && index3->version() >= version2;
}

Judgement judge(const InstalledState& state) {
  Judgement judgement;
  if (!starts(state)) {
    judgement.verdict = Verdict::does_not_boot;
    judge_system(state, judgement);
    return judgement;
  }
  if (!application_runs(state, judgement)) judgement.verdict = Verdict::safe_mode;
  name_unmet(state, judgement);
  return judgement;
}

}  // namespace plan
