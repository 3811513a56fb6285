// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/bootloader.h"
#include "plan/refusals.h"
#include "plan/search.h"
#include "plan/stages.h"
#include "plan/warnings.h"
#include "plan/waypoints.h"

#include <algorithm>

namespace plan {
namespace {

// Every waypoint, newest first: with its files where they are at hand, else from the catalogue.
std::vector<PartSet> all_waypoints(const InstalledState& state, const Request& request,
                                   const release::Catalogue& catalogue) {
  std::vector<PartSet> sets;
  for (const Waypoint& waypoint : waypoints()) {
    release::Version version;
    if (!release::Version::parse(waypoint.release, version)) continue;
    const release::ValidatedRelease* files = request.library->find(version);
    if (files != nullptr && files->version() == version) {
      sets.push_back(part_set(*files));
    } else if (const release::CatalogueRelease* known = catalogue.find(version)) {
      sets.push_back(part_set(*known, *state.platform));
    }
  }
  return sets;
}

struct Found {
  Route route;
  Start start;
};

// `quest.start` is how the past is to be taken at first.
std::optional<Found> find(Quest quest, const InstalledState& state) {
  if (auto route = find_route(quest)) return Found{std::move(*route), quest.start};
  if (quest.start == Start::careful) {
    if (!bootloader_vouches(state.bootloader_version, quest.target->module_version)) {
      return std::nullopt;
    }
    quest.start = Start::trusted;
    if (auto route = find_route(quest)) return Found{std::move(*route), quest.start};
  }
  return std::nullopt;
}

// What lies on the device is the better witness.
Past past_for(const InstalledState& state, const Request& request) {
  const Past past = past_of(state);
  if (past.known || !request.ran_before) return past;
  return {true, request.ran_before->module_version, request.ran_before->module_version};
}

void explain_stages(Plan& plan, const Route& route, const Past& past) {
  const std::uint16_t target = route.back().set->module_version;
  std::optional<std::uint16_t> from;
  if (past.known) from = past.low;
  for (std::size_t i = 0; i + 1 < route.size(); ++i) {
    const std::uint16_t stage = route[i].set->module_version;
    plan.stages[i].reason = why_through(stage, from, target);
    from = stage;
  }
  plan.stages.back().reason = "the release that was asked for";
}

// Compared by index 2, which is what runs.
Direction direction_of(const InstalledState& from, std::uint16_t target) {
  const InstalledModule* index2 = from.valid(platform::kSystemPart2);
  if (index2 == nullptr) return Direction::unknown;
  if (index2->version() == target) return Direction::same;
  return index2->version() < target ? Direction::upgrade : Direction::downgrade;
}

Plan begin_plan(const InstalledState& state, const Request& request, Medium medium,
                const release::Catalogue& catalogue) {
  Plan plan;
  plan.from = state;
  for (const InstalledModule& module : state.modules) {
    plan.from_releases.push_back(release_name(module, state.told, catalogue));
  }
  plan.target = request.target;
  plan.medium = medium;
  return plan;
}

const firmware::CheckedModule* part_or_null(const std::optional<firmware::CheckedModule>& part) {
  return part ? &*part : nullptr;
}

Plan build(const InstalledState& state, const Request& request, Medium medium, const Found& found,
           const release::Catalogue& catalogue) {
  Plan plan = begin_plan(state, request, medium, catalogue);
  plan.direction = direction_of(state, found.route.back().set->module_version);
  Course course;
  course.from = &state;
  course.route = &found.route;
  course.start = found.start;
  course.past_was_unknown = !past_of(state).known;
  course.bootloaders.push_back(state.bootloader_version);

  InstalledState now = state;
  for (const Leg& leg : found.route) {
    const bool last = &leg == &found.route.back();
    const firmware::CheckedModule* user = last ? part_or_null(request.user_part) : nullptr;
    plan.stages.push_back(make_stage(leg, user, now, medium));
    plan.stages.back().then = last && request.leave_in_dfu ? Then::stay : Then::boot;

    now = after(std::move(now), leg);
    if (user != nullptr) now = after(std::move(now), *user);
    now.bootloader_version = bootloader_after_start(now, catalogue);
    course.bootloaders.push_back(now.bootloader_version);
  }
  course.end = std::move(now);
  explain_stages(plan, found.route, past_for(state, request));
  plan.warnings = warnings(plan, course, request, catalogue);
  return plan;
}

Outcome to_release(const InstalledState& state, const Request& request, Medium medium,
                   const release::Catalogue& catalogue) {
  const release::ValidatedRelease* goal =
      request.library == nullptr ? nullptr : request.library->find(*request.target);
  if (goal == nullptr) return target_refusal(request, catalogue);
  if (state.platform == nullptr || (state.find(platform::kSystemPart1) == nullptr &&
                                    state.find(platform::kSystemPart2) == nullptr)) {
    return unknown_state();
  }
  PartSet target = part_set(*goal);
  target.version = *request.target;  // old module versions name several releases
  const std::vector<PartSet> every = all_waypoints(state, request, catalogue);
  const Past past = past_for(state, request);
  Quest quest{&state, &target, past, {}, past.known ? Start::by_past : Start::careful};
  for (const PartSet& set : every) {
    if (set.release != nullptr) quest.waypoints.push_back(&set);
  }
  if (const auto found = find(quest, state)) {
    return build(state, request, medium, *found, catalogue);
  }
  Refusal refusal = route_refusal(quest, every, catalogue);
  if (!refusal.needs.empty()) return refusal;
  // No waypoint would help: the state is one that only DFU can make and only DFU can end.
  if (auto leg = without_rules(state, target)) {
    return build(state, request, medium, Found{{std::move(*leg)}, quest.start}, catalogue);
  }
  return refusal;
}

}  // namespace

Outcome make_plan(const InstalledState& state, const Request& request, Medium medium,
                  const release::Catalogue& catalogue) {
  return to_release(state, request, medium, catalogue);
}

}  // namespace plan
