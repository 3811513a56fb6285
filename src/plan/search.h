// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The search for stages: which releases, and in which order their parts, so that every part would
// be accepted by the firmware that it meets, and every state between is one that starts.

#include "plan/rules.h"

#include <span>

namespace plan {

// One part of a release; only known from the catalogue if `file` is null.
struct Part {
  InstalledModule module;
  const firmware::CheckedModule* file = nullptr;
};

// The system parts of a release, in index order.
struct PartSet {
  release::Version version;
  std::uint16_t module_version = 0;
  std::vector<Part> parts;
  const release::ValidatedRelease* release = nullptr;  // null: the files are not at hand
};

PartSet part_set(const release::ValidatedRelease& release);
PartSet part_set(const release::CatalogueRelease& release, const platform::Platform& platform);

// What a device ran before, as far as its valid parts tell.
struct Past {
  bool known = false;
  std::uint16_t low = 0;   // the oldest firmware it may have run last
  std::uint16_t high = 0;  // the newest part on it
};
Past past_of(const InstalledState& state);

struct Leg {
  const PartSet* set = nullptr;
  std::vector<std::size_t> order;  // of set->parts; parts that are there already included
  bool by_rules = true;            // false: no firmware ran that could have been asked
};
using Route = std::vector<Leg>;

// How the first stage begins on a device on which nothing runs.
enum class Start {
  by_past,  // as far as the release that ran last allows it
  careful,  // nothing is known about the past: by way of a release that can follow anything
  trusted,  // the bootloader vouches for the past
};

struct Quest {
  const InstalledState* from = nullptr;
  const PartSet* target = nullptr;
  Past past;                                      // as the parts tell it, else as was told
  std::vector<const PartSet*> waypoints;          // in order of preference
  const release::Catalogue* catalogue = nullptr;  // which bootloader a release brings
};

// What a route costs, the worst first: how often the bootloader is replaced (it is the one part
// that nobody can write again when that fails), stages, bytes that are written.
struct Cost {
  int bootloaders = 0;
  std::size_t stages = 0;
  std::size_t bytes = 0;
  auto operator<=>(const Cost&) const = default;
};

// The cheapest route, none if there is none. More waypoints never make it dearer.
std::optional<Route> find_route(const Quest& quest);
// How the first stage of a route begins.
Start start_of(const Quest& quest, const Route& route);
// Is there a route of exactly these stages?
bool possible(const Quest& quest, std::span<const PartSet* const> stages);
// The whole of `set` in the order that is safest when the rules cannot be asked. None if what the
// device ran before forbids it, or if it would not start in the end.
std::optional<Leg> without_rules(const InstalledState& state, const PartSet& set);

// `state` once the leg is done.
InstalledState after(InstalledState state, const Leg& leg);

}  // namespace plan
