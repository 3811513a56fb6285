// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/rules.h"

#include "platform/electron_history.h"

#include <fmt/format.h>

#include <algorithm>

namespace plan {
namespace {

using firmware::Dependency;
using firmware::ModuleHeader;
using firmware::Problem;
using platform::ModuleFunction;
using platform::ModuleId;
using platform::SystemGeneration;

bool known(const SystemGeneration& generation, ModuleId id, const platform::Platform& platform) {
  if (id == platform::kSystemPart3) return generation.knows_index3;
  return platform.slot(id) != nullptr;
}

// The version that satisfies a dependency on `id`. The firmware takes whatever the sector says,
// 65535 if it is blank; we ask for a module that is whole.
std::optional<std::uint16_t> version_of(const InstalledState& state, ModuleId id) {
  if (id.function == ModuleFunction::bootloader) return state.bootloader_version;
  const InstalledModule* module = state.valid(id);
  if (module == nullptr) return std::nullopt;
  return module->version();
}

std::optional<Problem> unmet(const InstalledState& state, const SystemGeneration& generation,
                             const Dependency& dependency) {
  const std::string what =
      fmt::format("{} {} or newer", platform::describe(dependency.module), dependency.version);
  if (!known(generation, dependency.module, *state.platform)) {
    return Problem{"unknown-dependency", fmt::format("it needs {}, which firmware {} does not know",
                                                     what, generation.releases)};
  }
  const std::optional<std::uint16_t> there = version_of(state, dependency.module);
  if (!there) {
    return Problem{"dependency-unmet", fmt::format("it needs {}, and no valid one is there", what)};
  }
  if (*there < dependency.version) {
    return Problem{"dependency-unmet", fmt::format("it needs {}, and {} is there", what, *there)};
  }
  return std::nullopt;
}

std::optional<Problem> forward(const InstalledState& state, const SystemGeneration& generation,
                               const InstalledModule& module) {
  // An application that wants more is accepted and then not started.
  if (module.id.function == ModuleFunction::user_part) return std::nullopt;
  const auto [first, second] = module.dependencies();
  if (!first.none()) {
    if (auto problem = unmet(state, generation, first)) return problem;
  }
  if (!generation.checks_second_dependency || second.none() ||
      second.module.function == ModuleFunction::bootloader) {
    return std::nullopt;
  }
  return unmet(state, generation, second);
}

// The firmware reads the headers of the installed parts without looking at their CRC: one in a
// corrupt part forbids as much as one in a whole part.
bool header_in_range(const InstalledModule& module, const platform::Platform& platform) {
  if (std::holds_alternative<Told>(module.seen)) return true;
  const platform::Slot* slot = platform.slot(module.id);
  const ModuleHeader* header = module.header();
  return header != nullptr && slot != nullptr && header->id == module.id &&
         header->start == slot->flash.begin && header->end >= slot->flash.begin &&
         header->end <= slot->flash.end;
}

std::optional<Problem> reverse(const InstalledState& state, const SystemGeneration& generation,
                               const InstalledModule& module) {
  if (!generation.checks_installed || module.id.function != ModuleFunction::system_part) {
    return std::nullopt;
  }
  for (const InstalledModule& other : state.modules) {
    if (other.id == module.id || other.id.function != ModuleFunction::system_part) continue;
    if (other.id == platform::kSystemPart3 && !generation.knows_index3) continue;
    if (!header_in_range(other, *state.platform)) continue;
    const auto forbids = [&](const Dependency& dependency) {
      return dependency.module == module.id && module.version() < dependency.version;
    };
    const auto dependencies = other.dependencies();
    const Dependency* by = nullptr;
    if (forbids(dependencies[0])) by = &dependencies[0];
    if (generation.checks_installed_second && forbids(dependencies[1])) by = &dependencies[1];
    if (by != nullptr) {
      return Problem{"needed-newer", fmt::format("the installed {} ({}) needs {} {} or newer",
                                                 platform::describe(other.id), other.version(),
                                                 platform::describe(module.id), by->version)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> refusal_by_rules(const InstalledState& state,
                                        const InstalledModule& module) {
  if (state.platform == nullptr || !starts(state)) {
    return Problem{"nothing-runs", "no firmware runs on the device that could accept it"};
  }
  const SystemGeneration& generation =
      platform::generation_of(state.valid(platform::kSystemPart2)->version());
  if (!known(generation, module.id, *state.platform)) {
    return Problem{"unknown-module",
                   fmt::format("firmware {} does not know {}", generation.releases,
                               platform::describe(module.id))};
  }
  if (module.id.function == ModuleFunction::bootloader && !generation.takes_bootloader) {
    return Problem{"bootloader-not-accepted",
                   fmt::format("firmware {} cannot write a bootloader", generation.releases)};
  }
  if (auto problem = forward(state, generation, module)) return problem;
  return reverse(state, generation, module);
}

std::optional<Problem> refusal_by_rules(const InstalledState& state,
                                        const firmware::CheckedModule& module) {
  return refusal_by_rules(state, installed(module));
}

InstalledState after(InstalledState state, const InstalledModule& module) {
  // Monolithic firmware lies over the places of several parts: with one of them it is gone.
  if (module.id.function == ModuleFunction::system_part) {
    std::erase_if(state.modules, [](const InstalledModule& other) {
      return other.id.function == ModuleFunction::monolithic;
    });
  }
  if (module.id.function == ModuleFunction::bootloader) {
    state.bootloader_version = module.version();
  }
  const auto slot = std::ranges::find(state.modules, module.id, &InstalledModule::id);
  if (slot != state.modules.end()) {
    *slot = module;
  } else {
    state.modules.push_back(module);
  }
  return state;
}

InstalledState after(InstalledState state, const firmware::CheckedModule& module) {
  return after(std::move(state), installed(module));
}

}  // namespace plan
