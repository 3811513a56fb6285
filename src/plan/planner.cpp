// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/bootloader.h"
#include "plan/refusals.h"
#include "plan/search.h"
#include "plan/stages.h"
#include "plan/warnings.h"
#include "plan/waypoints.h"
#include "release/target.h"

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

struct Built {
  Plan plan;
  InstalledState end;  // after the last stage and the start that follows it
};

bool is_known(const InstalledState& state) {
  const bool seen = std::ranges::any_of(state.modules, [](const InstalledModule& module) {
    return module.id == platform::kSystemPart1 || module.id == platform::kSystemPart2 ||
           module.id.function == platform::ModuleFunction::monolithic;
  });
  return state.platform != nullptr && (seen || state.told);
}

// What lies on the device is the best witness, then what it said itself, then its user.
Past past_for(const InstalledState& state, const Request& request,
              const release::Catalogue& catalogue) {
  const Past past = past_of(state);
  if (past.known) return past;
  if (state.told) {
    const release::CatalogueRelease* said = catalogue.find(*state.told);
    if (said != nullptr && said->module_version) {
      return {true, *said->module_version, *said->module_version};
    }
  }
  if (!request.ran_before) return past;
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
  plan.judgement = judge(state, catalogue);
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

Built build(const InstalledState& state, const Request& request, Medium medium, const Found& found,
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
  plan.bootloaders = course.bootloaders;
  explain_stages(plan, found.route, past_for(state, request, catalogue));
  plan.warnings = warnings(plan, course, request, catalogue);
  return {std::move(plan), std::move(course.end)};
}

// Where a bootloader goes that was asked for: last of all, once the rest runs.
std::optional<Refusal> add_bootloader(Plan& plan, const InstalledState& running,
                                      const Request& request, const release::Catalogue& catalogue) {
  if (!request.bootloader) return std::nullopt;
  if (auto refusal = bootloader_refusal(running, request, catalogue)) return refusal;
  plan.stages.push_back(bootloader_stage(*request.bootloader, running, plan.medium));
  return std::nullopt;
}

Outcome finished(Plan plan, const InstalledState& end, const Request& request,
                 const release::Catalogue& catalogue) {
  if (auto refusal = add_bootloader(plan, end, request, catalogue)) return std::move(*refusal);
  return plan;
}

Outcome to_release(const InstalledState& state, const Request& request, Medium medium,
                   const release::Catalogue& catalogue) {
  const release::ValidatedRelease* goal =
      request.library == nullptr ? nullptr : request.library->find(*request.target);
  if (goal == nullptr) {
    const release::Library none;
    return refuse_target(*request.target, request.library == nullptr ? none : *request.library,
                         catalogue);
  }
  if (!is_known(state)) return unknown_state();
  if (medium != Medium::dfu && !starts(state)) return nothing_runs();
  PartSet target = part_set(*goal);
  target.version = *request.target;  // old module versions name several releases
  const std::vector<PartSet> every = all_waypoints(state, request, catalogue);
  Quest quest{&state, &target, past_for(state, request, catalogue), {}, &catalogue};
  for (const PartSet& set : every) {
    if (set.release != nullptr) quest.waypoints.push_back(&set);
  }
  std::optional<Route> route = find_route(quest);
  if (!route) {
    Refusal refusal = route_refusal(quest, every, *request.library, catalogue);
    if (!refusal.needs.empty() || medium != Medium::dfu) return refusal;
    // No waypoint would help: the state is one that only DFU can make and only DFU can end.
    auto leg = without_rules(state, target);
    if (!leg) return refusal;
    route = Route{std::move(*leg)};
  }
  Built built = build(state, request, medium, {*route, start_of(quest, *route)}, catalogue);
  return finished(std::move(built.plan), built.end, request, catalogue);
}

// Only an application, or a bootloader, or both: the system parts stay.
Outcome beside_the_system(const InstalledState& state, const Request& request, Medium medium,
                          const release::Catalogue& catalogue) {
  if (!is_known(state)) return unknown_state();
  if (!starts(state)) {
    return medium == Medium::dfu ? system_does_not_start(state, catalogue) : nothing_runs();
  }
  Plan plan = begin_plan(state, request, medium, catalogue);
  plan.direction = Direction::same;
  plan.bootloaders = {state.bootloader_version};
  InstalledState end = state;
  if (request.user_part) {
    end = after(std::move(end), *request.user_part);
    if (auto refusal = application_refusal(end, catalogue)) return std::move(*refusal);
    plan.stages.push_back(application_stage(*request.user_part, state, medium));
    plan.stages.back().then = request.leave_in_dfu ? Then::stay : Then::boot;
    plan.bootloaders.push_back(state.bootloader_version);
  }
  return finished(std::move(plan), end, request, catalogue);
}

// To the release that the application on the device was built for.
Outcome to_its_release(const InstalledState& state, Request request, Medium medium,
                       const release::Catalogue& catalogue) {
  const InstalledModule* application = state.find(platform::kUserPart);
  if (application == nullptr || application->dependencies()[0].none()) {
    return no_application_to_follow();
  }
  const auto release = release::release_built_for("the application on the device",
                                                  application->dependencies(), catalogue);
  if (!release) {
    return Refusal{release.error().id, release.error().message, release.error().hint};
  }
  request.target = (*release)->version;
  return to_release(state, request, medium, catalogue);
}

}  // namespace

Outcome make_plan(const InstalledState& state, const Request& request, Medium medium,
                  const release::Catalogue& catalogue) {
  if (request.target_of_application && !request.target) {
    return to_its_release(state, request, medium, catalogue);
  }
  return request.target ? to_release(state, request, medium, catalogue)
                        : beside_the_system(state, request, medium, catalogue);
}

}  // namespace plan
