// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/refusals.h"

#include "plan/waypoints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace plan {
namespace {

std::string list_indexes(const std::vector<int>& indexes) {
  return fmt::format("{} {}", indexes.size() == 1 ? "system part" : "system parts",
                     fmt::join(indexes, ", "));
}

const release::ReleaseStatus* status_of(const release::Library& library,
                                        const release::Version& version) {
  const auto found = std::ranges::find(library.status, version, &release::ReleaseStatus::version);
  return found == library.status.end() ? nullptr : &*found;
}

// Files of the wanted release's module version, where no released file of it is among them.
const release::ReleaseStatus* same_version(const Request& request,
                                           const release::Catalogue& catalogue) {
  const release::CatalogueRelease* wanted = catalogue.find(*request.target);
  if (request.library == nullptr || wanted == nullptr || !wanted->module_version) return nullptr;
  const auto found = std::ranges::find(request.library->status, *wanted->module_version,
                                       &release::ReleaseStatus::module_version);
  return found == request.library->status.end() ? nullptr : &*found;
}

bool contradicts_catalogue(const release::ReleaseStatus& status) {
  return std::ranges::any_of(status.problems, [](const firmware::Problem& problem) {
    return problem.code == "catalogue-mismatch" || problem.code == "mixed-builds";
  });
}

constexpr std::string_view kAllowUnknown =
    "; or say --allow-unknown to take files that the vendor did not release";

Refusal files_missing(const Request& request, const release::ReleaseStatus* status,
                      const release::ReleaseStatus* like_it, const release::Catalogue& catalogue) {
  Refusal refusal;
  refusal.code = "target-missing";
  const std::string& target = request.target->text();
  refusal.needs = {target};
  refusal.where = {release::release_page(*request.target, catalogue)};
  if (status == nullptr) {
    refusal.message = fmt::format("no file of {} was found", target);
  } else if (!status->complete) {
    refusal.message = fmt::format("the files of {} are not all there: {} missing", target,
                                  list_indexes(status->missing));
  } else {
    refusal.message = fmt::format("the files of {} cannot be used", target);
    if (!status->problems.empty()) refusal.message += ": " + status->problems.front().message;
  }
  refusal.hint = fmt::format(
      "`electron-rescue-get-firmware {}` fetches them from {}, if they are published; files "
      "elsewhere are named with --firmware FOLDER",
      target, refusal.where.front());
  if (status != nullptr && contradicts_catalogue(*status)) refusal.hint += kAllowUnknown;
  if (status == nullptr && like_it != nullptr && like_it->complete) {
    refusal.message += fmt::format(
        "; there are files of module version {}, but not the released "
        "ones",
        like_it->module_version);
    refusal.hint += kAllowUnknown;
  }
  return refusal;
}

// The stages of the shortest route that there would be if every waypoint were at hand.
std::vector<const PartSet*> wished_route(const Quest& quest, std::span<const PartSet> every) {
  Quest wish = quest;
  for (const PartSet& set : every) {
    const auto have = std::ranges::find(wish.waypoints, set.version, &PartSet::version);
    if (have == wish.waypoints.end()) wish.waypoints.push_back(&set);
  }
  std::vector<const PartSet*> stages;
  if (const std::optional<Route> route = find_route(wish)) {
    for (const Leg& leg : *route) stages.push_back(leg.set);
  }
  return stages;
}

// All waypoints that could take the place of stages[missing], newest first.
std::vector<release::Version> substitutes(const Quest& quest, std::vector<const PartSet*> stages,
                                          std::size_t missing, std::span<const PartSet> every) {
  std::vector<release::Version> result;
  for (const PartSet& set : every) {
    stages[missing] = &set;
    if (set.version != quest.target->version && possible(quest, stages)) {
      result.push_back(set.version);
    }
  }
  return result;
}

std::string one_of(const std::vector<std::string>& names) {
  if (names.size() == 1) return names.front();
  return fmt::format("one of {}", fmt::join(names, ", "));
}

Refusal no_order(const Quest& quest) {
  return {"no-accepted-order",
          fmt::format("there is no order of parts and releases in which this device would accept "
                      "{} and start after every part",
                      quest.target->version.text()),
          "choose another release; 0.6.4 can be reached from every state"};
}

}  // namespace

Refusal target_refusal(const Request& request, const release::Catalogue& catalogue) {
  const release::ReleaseStatus* status =
      request.library == nullptr ? nullptr : status_of(*request.library, *request.target);
  if (status != nullptr || catalogue.find(*request.target) != nullptr) {
    return files_missing(request, status, same_version(request, catalogue), catalogue);
  }
  return {
      "unknown-release",
      fmt::format("no release {} is known, and no file of it was found", request.target->text()),
      "`electron-rescue inspect FOLDER/*.bin` shows which releases your files belong to"};
}

Refusal unknown_state() {
  return {"unknown-state", "nothing is known about the system parts on the device",
          "put the device into DFU mode, so that its flash can be read, or say with --from which "
          "release is on it"};
}

Refusal route_refusal(const Quest& quest, std::span<const PartSet> every,
                      const release::Catalogue& catalogue) {
  const std::vector<const PartSet*> stages = wished_route(quest, every);
  const auto missing =
      std::ranges::find_if(stages, [](const PartSet* set) { return set->release == nullptr; });
  if (missing == stages.end()) return no_order(quest);

  Refusal refusal;
  const auto position = static_cast<std::size_t>(missing - stages.begin());
  for (const release::Version& version : substitutes(quest, stages, position, every)) {
    refusal.needs.push_back(version.text());
    refusal.where.push_back(release::release_page(version, catalogue));
  }
  const std::uint16_t target = quest.target->module_version;
  const std::optional<std::uint16_t> last =
      quest.past.known ? std::optional(quest.past.low) : std::nullopt;
  const bool down = target < quest.past.high;
  refusal.code = down ? "downgrade-needs-" + refusal.needs.front() : "stage-missing";
  refusal.message = fmt::format(
      "{} cannot be installed directly: {} has to be installed first, and its files are not there "
      "({})",
      quest.target->version.text(), one_of(refusal.needs),
      why_through((*missing)->module_version, last, target));
  refusal.hint = fmt::format(
      "`electron-rescue-get-firmware {}` fetches it from {}; files elsewhere are named with "
      "--firmware FOLDER",
      refusal.needs.front(), refusal.where.front());
  for (auto later = missing + 1; later != stages.end(); ++later) {
    if ((*later)->release == nullptr) {
      refusal.hint += fmt::format("; {} will be needed too", (*later)->version.text());
    }
  }
  if (!last) refusal.hint += "; or say with --from VERSION which release was on the device";
  return refusal;
}

}  // namespace plan
