// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/search.h"

#include "plan/bootloader.h"
#include "plan/waypoints.h"

#include <algorithm>
#include <numeric>

namespace plan {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using Order = std::vector<std::size_t>;

// Three are the most that any release needs (0.4.x, 0.5.x, 0.6.4, 0.7.0 and later); one more for
// states that only a mishap makes.
constexpr std::size_t kMostStages = 4;

std::uint16_t version_or(const InstalledState& state, platform::ModuleId id, std::uint16_t other) {
  const InstalledModule* module = state.valid(id);
  return module != nullptr ? module->version() : other;
}

bool there_already(const InstalledState& state, const Part& part) {
  const InstalledModule* now = state.valid(part.module.id);
  if (now == nullptr) return false;
  if (part.file != nullptr) return compare(now->seen, *part.file) == Sameness::same;
  return *now == part.module;
}

// Every order of the parts, the usual one first: 3, 1, 2 on the way up, 2, 1, 3 on the way down.
std::vector<Order> orders(const InstalledState& state, const PartSet& set) {
  const std::uint16_t index2 = version_or(state, kSystemPart2, set.module_version);
  const bool down = index2 != set.module_version ? set.module_version < index2
                                                 : set.module_version < past_of(state).high;
  const std::vector<platform::ModuleId> usual =
      down ? std::vector{kSystemPart2, kSystemPart1, kSystemPart3}
           : std::vector{kSystemPart3, kSystemPart1, kSystemPart2};
  const auto rank = [&](std::size_t part) {
    return std::ranges::find(usual, set.parts[part].module.id) - usual.begin();
  };
  Order order(set.parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto earlier = [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); };
  std::ranges::sort(order, earlier);
  std::vector<Order> all;
  do {
    all.push_back(order);
  } while (std::next_permutation(order.begin(), order.end(), earlier));
  return all;
}

bool accepted(InstalledState state, const PartSet& set, const Order& order) {
  for (const std::size_t index : order) {
    const Part& part = set.parts[index];
    if (there_already(state, part)) continue;
    if (refusal_by_rules(state, part.module)) return false;
    state = after(std::move(state), part.module);
    if (!starts(state)) return false;
  }
  return true;
}

// How bad it would be to be interrupted between the parts.
int badness(InstalledState state, const PartSet& set, const Order& order) {
  int total = 0;
  for (const std::size_t index : order) {
    const Part& part = set.parts[index];
    if (there_already(state, part)) continue;
    state = after(std::move(state), part.module);
    if (!starts(state)) total += loops(state) ? 100 : 1;
  }
  return total;
}

Leg safest(const InstalledState& state, const PartSet& set) {
  const std::vector<Order> all = orders(state, set);
  const auto best = std::ranges::min_element(
      all, {}, [&](const Order& order) { return badness(state, set, order); });
  return {&set, *best, false};
}

bool on_the_way(const InstalledState& state, const PartSet& set) {
  return std::ranges::any_of(set.parts,
                             [&](const Part& part) { return there_already(state, part); });
}

bool vouched(const Quest& quest) {
  return bootloader_vouches(quest.from->bootloader_version, quest.target->module_version);
}

// May `set` be the first thing that is written to a device on which nothing runs?
bool may_begin(const Quest& quest, const PartSet& set) {
  if (!quest.past.known) {
    return vouched(quest) || follows_anything(set.module_version, quest.target->module_version);
  }
  return may_follow(quest.past.low, quest.past.high, set.module_version) ||
         (on_the_way(*quest.from, set) && quest.past.high <= set.module_version);
}

std::optional<Leg> leg_to(const Quest& quest, const InstalledState& state, const PartSet& set) {
  if (starts(state)) {
    for (Order& order : orders(state, set)) {
      if (accepted(state, set, order)) return Leg{&set, std::move(order), true};
    }
    return std::nullopt;
  }
  // Only the first stage can meet such a state: every stage ends in one that starts.
  if (!may_begin(quest, set)) return std::nullopt;
  Leg leg = safest(state, set);
  if (!starts(after(state, leg))) return std::nullopt;
  return leg;
}

std::size_t bytes_of(const InstalledState& state, const Leg& leg) {
  std::size_t bytes = 0;
  for (const Part& part : leg.set->parts) {
    if (there_already(state, part)) continue;
    bytes += part.file != nullptr ? part.file->image().size() : 0;
  }
  return bytes;
}

// The state once the leg is done and what it installed has started.
InstalledState started(InstalledState state, const Leg& leg, const release::Catalogue& catalogue) {
  state = after(std::move(state), leg);
  state.bootloader_version = bootloader_after_start(state, catalogue);
  return state;
}

class Search {
 public:
  explicit Search(const Quest& quest) : quest_(quest) {}

  std::optional<Route> run() {
    extend(*quest_.from, {});
    return std::move(best_);
  }

 private:
  void extend(const InstalledState& state, Cost so_far) {
    take(state, so_far, *quest_.target);
    if (route_.size() + 1 == kMostStages) return;
    for (const PartSet* waypoint : quest_.waypoints) {
      const bool used =
          std::ranges::any_of(route_, [&](const Leg& leg) { return leg.set == waypoint; });
      if (!used && waypoint->version != quest_.target->version) take(state, so_far, *waypoint);
    }
  }

  void take(const InstalledState& state, Cost cost, const PartSet& set) {
    std::optional<Leg> leg = leg_to(quest_, state, set);
    if (!leg) return;
    const InstalledState next = started(state, *leg, *quest_.catalogue);
    ++cost.stages;
    cost.bytes += bytes_of(state, *leg);
    const auto& before = state.bootloader_version;
    if (before && next.bootloader_version != before) ++cost.bootloaders;
    // Whatever follows only adds to it.
    if (best_ && !(cost < cost_)) return;
    route_.push_back(std::move(*leg));
    if (&set == quest_.target) {
      best_ = route_;
      cost_ = cost;
    } else {
      extend(next, cost);
    }
    route_.pop_back();
  }

  const Quest& quest_;
  Route route_;
  std::optional<Route> best_;
  Cost cost_;
};

}  // namespace

PartSet part_set(const release::ValidatedRelease& release) {
  PartSet set;
  set.version = release.version();
  set.module_version = release.module_version();
  set.release = &release;
  for (const firmware::CheckedModule& part : release.parts()) {
    set.parts.push_back({installed(part), &part});
  }
  return set;
}

PartSet part_set(const release::CatalogueRelease& release, const platform::Platform& platform) {
  PartSet set;
  set.version = release.version;
  set.module_version = release.module_version.value_or(0);
  for (InstalledModule& module : state_of(release, platform).modules) {
    if (module.valid()) set.parts.push_back({std::move(module), nullptr});
  }
  return set;
}

Past past_of(const InstalledState& state) {
  Past past;
  std::uint16_t low = 0xFFFF;
  for (const platform::ModuleId id : {kSystemPart1, kSystemPart2, kSystemPart3}) {
    const InstalledModule* module = state.valid(id);
    if (module == nullptr) continue;
    past.known = true;
    past.high = std::max(past.high, module->version());
    // Index 3 is no witness for firmware that does not have one.
    if (id != kSystemPart3 || version_or(state, kSystemPart2, 0) >= kFirstWithIndex3) {
      low = std::min(low, module->version());
    }
  }
  // An index 2 that is newer than the rest has never run beside it; without index 2 the newest part
  // tells how far the device had come.
  past.low = state.valid(kSystemPart2) != nullptr ? low : past.high;
  return past;
}

std::optional<Route> find_route(const Quest& quest) { return Search(quest).run(); }

Start start_of(const Quest& quest, const Route& route) {
  if (quest.past.known || starts(*quest.from)) return Start::by_past;
  return follows_anything(route.front().set->module_version, quest.target->module_version)
             ? Start::careful
             : Start::trusted;
}

bool possible(const Quest& quest, std::span<const PartSet* const> stages) {
  InstalledState state = *quest.from;
  for (const PartSet* set : stages) {
    const std::optional<Leg> leg = leg_to(quest, state, *set);
    if (!leg) return false;
    state = started(std::move(state), *leg, *quest.catalogue);
  }
  return true;
}

std::optional<Leg> without_rules(const InstalledState& state, const PartSet& set) {
  const Past past = past_of(state);
  if (!past.known || !may_follow(past.low, past.high, set.module_version)) return std::nullopt;
  Leg leg = safest(state, set);
  if (!starts(after(state, leg))) return std::nullopt;
  return leg;
}

InstalledState after(InstalledState state, const Leg& leg) {
  for (const std::size_t index : leg.order) {
    state = after(std::move(state), leg.set->parts[index].module);
  }
  return state;
}

}  // namespace plan
