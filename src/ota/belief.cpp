// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/belief.h"

#include "way/told.h"

#include <fmt/format.h>

#include <algorithm>

namespace ota {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::ModuleFunction;

// Module versions: 0.5.3-rc.2, the first that knows system part 3 (plan/rules.cpp).
constexpr std::uint16_t kKnowsIndex3 = 19;

std::uint16_t low_version(const plan::InstalledState& state, platform::ModuleId id) {
  const plan::InstalledModule* module = state.valid(id);
  return module == nullptr ? std::uint16_t{0} : module->version();
}

bool proved(const Proofs& proofs, platform::ModuleId id, std::uint16_t version) {
  const auto found = proofs.find({id, version});
  return found != proofs.end() && strong(found->second);
}

}  // namespace

std::string_view name(Proof proof) {
  switch (proof) {
    case Proof::none:
      return "none";
    case Proof::handshake:
      return "handshake";
    case Proof::reset:
      return "reset";
    case Proof::device:
      return "device";
    case Proof::version:
      return "version";
    case Proof::modules:
      return "modules";
  }
  return "none";
}

std::string_view name(Source source) {
  switch (source) {
    case Source::nothing:
      return "nothing";
    case Source::user:
      return "assumed-by-user";
    case Source::cloud:
      return "assumed";
    case Source::device:
      return "modules";
  }
  return "nothing";
}

std::optional<std::uint16_t> module_version_of(const std::string& release) {
  release::Version version;
  if (!release::Version::parse(release, version)) return std::nullopt;
  const release::CatalogueRelease* known = release::Catalogue::embedded().find(version);
  return known == nullptr ? std::nullopt : known->module_version;
}

Belief told(const serial::Described& described, const Wish& wish) {
  Belief belief;
  belief.source = Source::device;
  belief.state = way::state_from(described, platform::electron());
  for (plan::InstalledModule& module : belief.state.modules) {
    if (!module.valid() || module.id.function != ModuleFunction::system_part) continue;
    if (module.id == kSystemPart2) belief.running = module.version();
    if (const firmware::CheckedModule* file = file_for({module.id, module.version()}, wish)) {
      module = plan::installed(*file);
    }
  }
  return belief;
}

Belief assumed(const std::string& system_version, const Wish& wish) {
  Belief belief;
  release::Version version;
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  const release::CatalogueRelease* known = nullptr;
  if (release::Version::parse(system_version, version)) known = catalogue.find(version);
  if (known != nullptr) {
    belief.source = Source::cloud;
    belief.running = known->module_version;
  } else if (system_version.empty() && wish.from) {
    known = catalogue.find(*wish.from);
    if (known != nullptr) belief.source = Source::user;
  }
  if (known == nullptr) return belief;
  belief.state = plan::state_of(*known, platform::electron());
  belief.state.told = known->version;
  for (plan::InstalledModule& module : belief.state.modules) {
    if (!module.valid()) continue;
    if (const firmware::CheckedModule* file = file_for({module.id, module.version()}, wish)) {
      module = plan::installed(*file);
    }
  }
  return belief;
}

void put(Belief& belief, const firmware::CheckedModule& module, Proof proof) {
  belief.state = plan::after(std::move(belief.state), module);
  // What was told of the whole is no longer true of it.
  belief.state.told.reset();
  if (module.id() == kSystemPart2 && proof >= Proof::version) belief.running = module.version();
}

const plan::InstalledModule* valid_in(const Belief& belief, platform::ModuleId id) {
  return belief.state.valid(id);
}

plan::Outcome plan_for(const Belief& belief, const Wish& wish) {
  plan::Request request;
  request.target = wish.target;
  request.library = wish.library;
  request.user_part = wish.user_part;
  return plan::make_plan(belief.state, request, plan::Medium::ota, release::Catalogue::embedded());
}

Next next_of(const plan::Plan& plan) {
  for (const plan::Stage& stage : plan.stages) {
    for (const plan::Step& step : stage.steps) {
      if (step.writes()) return {&step, &stage};
    }
  }
  return {};
}

std::string why_not_yet(const firmware::CheckedModule& module, const Belief& belief,
                        const Proofs& proofs) {
  const std::uint16_t version = module.version();
  if (module.id().function != ModuleFunction::system_part) return {};
  if (version >= plan::kFirstWithIndex3 && (!belief.running || *belief.running < kKnowsIndex3)) {
    return "the device has not told that it runs 0.5.3 or newer: a part of 0.6.0 or newer beside "
           "older firmware leaves it dead";
  }
  if (!belief.running) return {};
  const bool listed = belief.source == Source::device;
  const std::uint16_t running = *belief.running;
  if (module.id() == kSystemPart3 && version >= plan::kFirstOf070 && running < plan::kVersion064) {
    return "the device has not told that it runs 0.6.4 or newer: system part 3 of 0.7.0 or newer "
           "beside older firmware resets for ever";
  }
  // Down, system part 2 goes first, and older firmware starts beside newer parts.
  if (version < plan::kFirstWithIndex3 || version <= running) return {};
  // System part 2 calls into system part 3. Below 0.6.0 its sector may be blank, which satisfies
  // every dependency: nothing but the list of modules proves that it is in place (ota-facts 5.3).
  const bool in_place = (listed && low_version(belief.state, kSystemPart3) >= version) ||
                        proved(proofs, kSystemPart3, version) ||
                        proved(proofs, kSystemPart1, version);
  const bool chain_is_checked = running >= plan::kFirstWithIndex3;
  if (module.id() == kSystemPart1 && !chain_is_checked && !in_place) {
    return "system part 3 is not proved to be in place, and this firmware would take the next part "
           "without it";
  }
  if (module.id() == kSystemPart2 && !in_place) {
    return "system part 3 is not proved to be in place: with this part and without that one the "
           "device would not start any more";
  }
  if (module.id() == kSystemPart2 && listed && low_version(belief.state, kSystemPart1) < version) {
    return "system part 1 is not in place: with this part and without that one the device would "
           "not start any more";
  }
  return {};
}

}  // namespace ota
