// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/refusals.h"

#include "base/nearest.h"
#include "plan/bootloader.h"
#include "plan/waypoints.h"
#include "release/search.h"

#include <fmt/format.h>

#include <algorithm>

namespace plan {
namespace {

const release::ReleaseStatus* status_of(const release::Library& library,
                                        const release::Version& version) {
  const auto found = std::ranges::find(library.status, version, &release::ReleaseStatus::version);
  return found == library.status.end() ? nullptr : &*found;
}

// What is missing of a release, in words and for scripts.
void name_missing(const release::Version& version, const release::Library& library,
                  const release::Catalogue& catalogue, Refusal& into) {
  const release::CatalogueRelease* known = catalogue.find(version);
  if (known != nullptr) into.missing = release::missing_parts(library, *known);
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

Refusal no_order(const Quest& quest) {
  return {"no-accepted-order",
          fmt::format("there is no order of parts and releases in which this device would accept "
                      "{} and start after every part",
                      quest.target->version.text()),
          "choose another release; 0.6.4 can be reached from every state"};
}

}  // namespace

base::Error as_error(const Refusal& refusal) {
  const bool files = refusal.code == "target-missing" || refusal.code == "unknown-release";
  const base::Errc code = files                                ? base::Errc::bad_file
                          : refusal.code == "target-undecided" ? base::Errc::usage
                                                               : base::Errc::refused;
  return base::make_error(code, refusal.code, refusal.message, refusal.hint);
}

Refusal refuse_target(const release::Version& target, const release::Library& library,
                      const release::Catalogue& catalogue) {
  const release::ReleaseStatus* status = status_of(library, target);
  if (status == nullptr && catalogue.find(target) == nullptr) {
    return {"unknown-release",
            fmt::format("no release {} is known, and no file of it was found", target.text()),
            "`electron-rescue releases` lists the releases that there are, and `electron-rescue "
            "inspect FOLDER` shows which ones your files belong to"};
  }
  const auto files = release::at_hand(library, target, catalogue);
  Refusal refusal;
  refusal.code = "target-missing";
  refusal.needs = {target.text()};
  refusal.where = {release::release_page(target, catalogue)};
  if (!files) {
    refusal.message = files.error().message;
    refusal.hint = files.error().hint;
  }
  if (status == nullptr || !status->complete) name_missing(target, library, catalogue, refusal);
  return refusal;
}

Refusal no_application_to_follow() {
  return {"target-undecided",
          "--target auto is the release that an application was built for, and there is none on "
          "the device that says so",
          "give the application with --user-app FILE, or name the release with --target VERSION"};
}

Refusal unknown_state() {
  return {"unknown-state", "nothing is known about the system parts on the device",
          "put the device into DFU mode, so that its flash can be read, or say with --from which "
          "release is on it"};
}

Refusal nothing_runs() {
  return {"nothing-runs", "no firmware runs on the device that could take a module",
          "put it into DFU mode and go that way: --via dfu"};
}

Refusal system_does_not_start(const InstalledState& state, const release::Catalogue& catalogue) {
  const Judgement judgement = judge(state, catalogue);
  return {"system-does-not-start",
          fmt::format("the system on the device does not start, so that neither an application nor "
                      "a bootloader helps it: {}",
                      judgement.reasons.empty() ? "a part is missing" : judgement.reasons.front()),
          "bring the device to a release first: --target VERSION"};
}

std::optional<Refusal> application_refusal(const InstalledState& end,
                                           const release::Catalogue& catalogue) {
  const Judgement judgement = judge(end, catalogue);
  if (judgement.verdict == Verdict::runs) return std::nullopt;
  Refusal refusal{
      "application-needs-newer",
      judgement.reasons.empty() ? "the application would not run" : judgement.reasons.front(),
      "build the application for the release that is on the device"};
  if (judgement.needs) {
    refusal.needs = {judgement.needs->text()};
    refusal.where = {release::release_page(*judgement.needs, catalogue)};
    refusal.hint = fmt::format("add --target {}, or --target auto; or {}", judgement.needs->text(),
                               refusal.hint);
  }
  return refusal;
}

namespace {

bool keeps(const release::CatalogueRelease& release, const firmware::CheckedModule& bootloader,
           const platform::Platform& platform, const release::Catalogue& catalogue) {
  const InstalledState there = state_of(release, platform);
  return !refusal_by_rules(there, bootloader) &&
         bootloader_after_start(after(there, bootloader), catalogue) == bootloader.version();
}

// The release from the one on the device on that takes the bootloader and leaves it there: the one
// whose own it is, else the first that can be had.
std::optional<release::Version> keeper_of(const firmware::CheckedModule& bootloader,
                                          const InstalledState& running,
                                          const release::Catalogue& catalogue) {
  const InstalledModule* system = running.valid(platform::kSystemPart2);
  if (running.platform == nullptr || system == nullptr) return std::nullopt;
  const release::CatalogueRelease* first = nullptr;
  for (const release::CatalogueRelease& release : catalogue.releases()) {
    const bool candidate = !release.version.prerelease() && release::can_be_fetched(release) &&
                           release.module_version.value_or(0) >= system->version() &&
                           keeps(release, bootloader, *running.platform, catalogue);
    if (!candidate) continue;
    if (release.embedded_bootloader_version == bootloader.version()) return release.version;
    if (first == nullptr) first = &release;
  }
  return first != nullptr ? std::optional(first->version) : std::nullopt;
}

// What to do with a bootloader that the system on the device does not take, or not for long.
std::string advice_for(const firmware::CheckedModule& bootloader, const InstalledState& running,
                       const release::Catalogue& catalogue) {
  const auto keeper = keeper_of(bootloader, running, catalogue);
  if (!keeper) return "nothing was sent; leave the bootloader to the release: --target VERSION";
  return fmt::format(
      "nothing was sent; bring the device to {0}, which keeps bootloader {1}: --target {0}",
      keeper->text(), bootloader.version());
}

}  // namespace

std::optional<Refusal> bootloader_refusal(const InstalledState& running, const Request& request,
                                          const release::Catalogue& catalogue) {
  const firmware::CheckedModule& bootloader = *request.bootloader;
  if (request.leave_in_dfu) {
    return Refusal{
        "bootloader-needs-running",
        "a bootloader is taken by running firmware, and the device is to stay in DFU mode",
        "leave out --leave-in-dfu, or --bootloader"};
  }
  if (const auto problem = refusal_by_rules(running, bootloader)) {
    return Refusal{problem->code,
                   fmt::format("bootloader {} cannot be installed: {}", bootloader.version(),
                               problem->message),
                   advice_for(bootloader, running, catalogue)};
  }
  const auto stays = bootloader_after_start(after(running, bootloader), catalogue);
  if (stays == bootloader.version()) return std::nullopt;
  return Refusal{
      "bootloader-put-back",
      fmt::format("the system on the device would replace bootloader {} by {} when it next starts",
                  bootloader.version(), stays ? std::to_string(*stays) : "its own"),
      advice_for(bootloader, running, catalogue)};
}

Refusal route_refusal(const Quest& quest, std::span<const PartSet> every,
                      const release::Library& library, const release::Catalogue& catalogue) {
  const std::vector<const PartSet*> stages = wished_route(quest, every);
  const auto missing =
      std::ranges::find_if(stages, [](const PartSet* set) { return set->release == nullptr; });
  if (missing == stages.end()) return no_order(quest);

  Refusal refusal;
  const auto position = static_cast<std::size_t>(missing - stages.begin());
  std::vector<release::Version> acceptable = substitutes(quest, stages, position, every);
  std::stable_partition(acceptable.begin(), acceptable.end(), [&](const release::Version& version) {
    const release::CatalogueRelease* known = catalogue.find(version);
    return known != nullptr && release::can_be_fetched(*known);
  });
  for (const release::Version& version : acceptable) {
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
      quest.target->version.text(), base::one_of(refusal.needs),
      why_through((*missing)->module_version, last, target));
  const release::Version& first = acceptable.front();
  refusal.hint = release::how_to_get(first, catalogue);
  const release::ReleaseStatus* begun = status_of(library, first);
  if (begun != nullptr && !begun->complete) {
    name_missing(first, library, catalogue, refusal);
    if (!refusal.missing.empty()) refusal.message += "; " + release::describe(refusal.missing);
  }
  if (const std::string looked = release::where_looked(library); !looked.empty()) {
    refusal.message += "; " + looked;
  }
  for (auto later = missing + 1; later != stages.end(); ++later) {
    if ((*later)->release == nullptr) {
      refusal.hint += fmt::format("; {} will be needed too", (*later)->version.text());
    }
  }
  if (!last) refusal.hint += "; or say with --from VERSION which release was on the device";
  return refusal;
}

}  // namespace plan
