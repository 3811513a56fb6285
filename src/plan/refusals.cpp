// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/refusals.h"

#include "plan/bootloader.h"
#include "plan/waypoints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace plan {
namespace {

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

// As the vendor published them; empty if the release is not known or nothing is missing of it.
std::vector<MissingPart> missing_parts(const release::Version& version,
                                       const release::ReleaseStatus* status,
                                       const release::Catalogue& catalogue) {
  std::vector<MissingPart> missing;
  const release::CatalogueRelease* known = catalogue.find(version);
  if (known == nullptr) return missing;
  const std::vector<std::string> names = release::file_names(*known);
  for (std::size_t i = 0; i < known->part_indexes.size(); ++i) {
    const std::uint8_t index = known->part_indexes[i];
    if (status != nullptr &&
        std::ranges::find(status->missing, int{index}) == status->missing.end())
      continue;
    missing.push_back({static_cast<int>(i) + 1, index, names.at(index - 1U)});
  }
  return missing;
}

// "electron-system-part3@2.3.1.bin is missing"
std::string name_missing(const std::vector<MissingPart>& missing,
                         const release::ReleaseStatus& status) {
  std::vector<std::string> names;
  for (const MissingPart& part : missing) names.push_back(part.file);
  if (names.empty()) {
    for (const int index : status.missing) names.push_back(fmt::format("system part {}", index));
  }
  return fmt::format("{} {} missing", fmt::join(names, ", "), names.size() == 1 ? "is" : "are");
}

Refusal files_missing(const Request& request, const release::ReleaseStatus* status,
                      const release::ReleaseStatus* like_it, const release::Catalogue& catalogue) {
  Refusal refusal;
  refusal.code = "target-missing";
  const std::string& target = request.target->text();
  refusal.needs = {target};
  refusal.where = {release::release_page(*request.target, catalogue)};
  if (status == nullptr) {
    refusal.missing = missing_parts(*request.target, nullptr, catalogue);
    refusal.message = fmt::format("no file of {} was found", target);
  } else if (!status->complete) {
    refusal.missing = missing_parts(*request.target, status, catalogue);
    refusal.message = fmt::format("the files of {} are not all there: {}", target,
                                  name_missing(refusal.missing, *status));
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

// Can it be fetched and checked? Only where the released bytes are known.
bool fetchable(const release::Version& version, const release::Catalogue& catalogue) {
  const release::CatalogueRelease* known = catalogue.find(version);
  return known != nullptr && !known->parts.empty() &&
         std::ranges::none_of(known->parts, [](const release::CatalogueFile& file) {
           return file.debug() || file.sha256 == base::Sha256{};
         });
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
                   "bring the device to 0.6.4 or a newer release first: --target VERSION"};
  }
  const auto stays = bootloader_after_start(after(running, bootloader), catalogue);
  if (stays == bootloader.version()) return std::nullopt;
  return Refusal{
      "bootloader-put-back",
      fmt::format("the system on the device would replace bootloader {} by {} when it next starts",
                  bootloader.version(), stays ? std::to_string(*stays) : "its own"),
      "nothing was sent; leave the bootloader to the release, or choose another --target"};
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
    return fetchable(version, catalogue);
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
      quest.target->version.text(), one_of(refusal.needs),
      why_through((*missing)->module_version, last, target));
  refusal.hint = fmt::format(
      "`electron-rescue-get-firmware {}` fetches it from {}; files elsewhere are named with "
      "--firmware FOLDER",
      refusal.needs.front(), refusal.where.front());
  if (!acceptable.empty()) {
    const release::ReleaseStatus* begun = status_of(library, acceptable.front());
    if (begun != nullptr && !begun->complete) {
      refusal.missing = missing_parts(acceptable.front(), begun, catalogue);
      refusal.message += "; " + name_missing(refusal.missing, *begun);
    }
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
