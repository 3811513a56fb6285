// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/warnings.h"

#include <fmt/format.h>

#include <algorithm>

namespace plan {
namespace {

using platform::kBootloader;
using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::kUserPart;

// The bootloader of 0.7.0; 0.6.3 and 0.6.4 put 11 back, older releases leave it.
using platform::kBootloader070;

void about_rules(const Course& course, std::vector<Warning>& into) {
  if (course.route->front().by_rules) return;
  if (course.from->monolithic() != nullptr) {
    into.push_back({"rules-not-applicable",
                    "monolithic firmware takes no single parts; everything is written over DFU "
                    "before the device is started"});
  } else if (starts(*course.from)) {
    into.push_back({"rules-not-applicable",
                    "the firmware on the device would accept these parts in no order; they are "
                    "written over DFU all the same: do not interrupt, and do not update over the "
                    "air until it is done"});
  } else {
    into.push_back({"rules-not-applicable",
                    "the device does not start as it is, so no firmware on it could accept or "
                    "refuse a part; everything that is needed is written over DFU before it is "
                    "started"});
  }
}

void about_told_past(const RanBefore& told, const Course& course, std::vector<Warning>& into) {
  if (course.past_was_unknown) {
    into.push_back({"past-as-told",
                    fmt::format("no valid system part tells what ran here before; that it was {} "
                                "is taken from --from",
                                told.release.text())});
    return;
  }
  const Past past = past_of(*course.from);
  if (told.module_version >= past.low && told.module_version <= past.high) return;
  into.push_back({"past-told-otherwise",
                  fmt::format("--from {} is passed over: the system parts on the device tell "
                              "another past",
                              told.release.text())});
}

void about_past(const Plan& plan, const Course& course, std::vector<Warning>& into) {
  if (!course.past_was_unknown || plan.stages.empty()) return;
  if (course.start == Start::careful && plan.stages.size() > 1) {
    into.push_back({"past-unknown",
                    fmt::format("no valid system part tells what ran here before: going through "
                                "{} to be safe; --from VERSION shortens the way if you know it",
                                plan.stages.front().release->text())});
  } else if (course.start == Start::trusted) {
    into.push_back({"past-from-bootloader",
                    fmt::format("no valid system part tells what ran here before, but bootloader "
                                "{} proves that it was new enough; {} is written directly",
                                *course.from->bootloader_version, plan.target->text())});
  }
}

// The first dependency of the application that `state` does not satisfy.
std::optional<firmware::Dependency> unmet(const InstalledModule& application,
                                          const InstalledState& state) {
  for (const firmware::Dependency& dependency : application.dependencies()) {
    if (dependency.none()) continue;
    const InstalledModule* there = state.valid(dependency.module);
    if (there == nullptr || there->version() < dependency.version) return dependency;
  }
  return std::nullopt;
}

std::string release_name(std::uint16_t version, const release::Catalogue& catalogue) {
  release::Match match;
  match.releases = catalogue.with_module_version(version);
  const release::CatalogueRelease* best = match.best();
  return best == nullptr ? std::to_string(version)
                         : fmt::format("{} ({})", version, best->version.text());
}

// What the device does without one depends on its factory sector, too.
void about_no_application(const Plan& plan, const InstalledModule& application,
                          const Judgement& end, std::vector<Warning>& into) {
  const std::string there = fmt::format(
      "there is {} on the device", application.blank() ? "no application" : "no whole application");
  const std::string& target = plan.target->text();
  switch (end.verdict) {
    case Verdict::restores_factory:
      into.push_back({"restores-factory",
                      fmt::format("{}: the bootloader puts the factory application in its place "
                                  "when {} first starts",
                                  there, target)});
      return;
    case Verdict::restarts:
    case Verdict::unknown:
      into.push_back(
          {"restarts", fmt::format("{}, but one in the factory sector: {} asks the bootloader for "
                                   "it and {}; give one with --user-app",
                                   there, target,
                                   end.verdict == Verdict::restarts
                                       ? "restarts, for ever, because the bootloader does not do it"
                                       : "may restart for ever if it does not do it")});
      return;
    default:
      into.push_back({"no-application",
                      fmt::format("{}: {} will start in safe mode (breathing magenta) until one is "
                                  "written; give one with --user-app",
                                  there, target)});
  }
}

void about_application(const Plan& plan, const Course& course, const Request& request,
                       const release::Catalogue& catalogue, std::vector<Warning>& into) {
  const InstalledModule* application = course.end.find(kUserPart);
  if (course.from->monolithic() != nullptr && !request.user_part) {
    into.push_back({"no-application",
                    "the monolithic firmware on the device has its application within it, and both "
                    "go: the device will start in safe mode (breathing magenta) until one is "
                    "written; give one with --user-app"});
    return;
  }
  if (application == nullptr) return;
  if (!application->valid()) {
    about_no_application(plan, *application, judge(course.end, catalogue), into);
    return;
  }
  const std::optional<firmware::Dependency> dependency = unmet(*application, course.end);
  if (!dependency) return;
  into.push_back(
      {"application-dependency",
       fmt::format("the application {} needs {} at {} or newer, which {} does not have: the device "
                   "will start in safe mode (breathing magenta, application not run); {}",
                   request.user_part ? "to be written" : "on the device",
                   platform::describe(dependency->module),
                   release_name(dependency->version, catalogue), plan.target->text(),
                   request.user_part
                       ? "build it for an older release, or choose a newer target"
                       : "write one that is built for this release or an older one (--user-app)")});
}

// What index 2 of `leg` wants of the bootloader, 0 if nothing.
std::uint16_t wanted_bootloader(const Leg& leg) {
  for (const Part& part : leg.set->parts) {
    const firmware::Dependency dependency = part.module.dependencies()[1];
    if (part.module.id == kSystemPart2 && dependency.module == kBootloader) {
      return dependency.version;
    }
  }
  return 0;
}

void about_unmet_bootloader(const Plan& plan, const Course& course, const Request& request,
                            std::vector<Warning>& into) {
  const std::uint16_t wanted = wanted_bootloader(course.route->back());
  const std::optional<std::uint16_t> there = course.bootloaders.back();
  if (wanted == 0 || (there && *there >= wanted)) return;
  const bool at_hand =
      request.library != nullptr &&
      std::ranges::any_of(request.library->bootloaders, [&](const firmware::CheckedModule& file) {
        return file.version() >= wanted;
      });
  into.push_back(
      {"bootloader-dependency",
       fmt::format("system part 2 of {} wants bootloader {} or newer, but the device will have {}: "
                   "it runs all the same, and reports the dependency as unmet; to mend it, send a "
                   "bootloader ({}) by serial or over the air once the device runs",
                   plan.target->text(), wanted, there ? std::to_string(*there) : "an older one",
                   at_hand ? "one is among your files" : "2.0.0's or newer")});
}

void about_new_bootloader(const Plan& plan, const Course& course, std::vector<Warning>& into) {
  const std::optional<std::uint16_t> end = course.bootloaders.back();
  if (course.route->back().set->module_version < kFirstOf070 && end && *end >= kBootloader070) {
    into.push_back(
        {"bootloader-left-new",
         fmt::format("bootloader {} stays in place under {}, which does not replace it: the device "
                     "runs, but the vendor never meant this pair; 0.6.4 would put bootloader 11 "
                     "back",
                     *end, plan.target->text())});
  }
  for (std::size_t i = 0; i < course.route->size(); ++i) {
    const auto& before = course.bootloaders[i];
    const auto& after = course.bootloaders[i + 1];
    if (!before || !after || *after >= *before) continue;
    into.push_back({"bootloader-put-back",
                    fmt::format("{} replaces bootloader {} by {} when it first starts; do not cut "
                                "the power in the first seconds after",
                                (*course.route)[i].set->version.text(), *before, *after)});
  }
}

void about_index3(const Plan& plan, const Course& course, const release::Catalogue& catalogue,
                  std::vector<Warning>& into) {
  const InstalledModule* index3 = course.end.valid(kSystemPart3);
  if (index3 == nullptr || course.route->back().set->module_version >= kFirstWithIndex3) return;
  const bool binds = !index3->dependencies()[0].none();
  into.push_back(
      {"index-3-left-behind",
       fmt::format("system part 3, version {}, stays in its sector: {} has no such part and does "
                   "not look at it; {}",
                   release_name(index3->version(), catalogue), plan.target->text(),
                   binds ? "but it forbids later updates of system part 2 below 0.6.4: go through "
                           "0.6.4 then"
                         : "it depends on nothing, so it is harmless, and an update to 0.6.0 or "
                           "newer replaces it")});
}

void about_serial(const Plan& plan, std::vector<Warning>& into) {
  if (plan.medium != Medium::serial || plan.nothing_to_do()) return;
  into.push_back({"serial-without-backup",
                  "over the serial line nothing can be read from the device: what is replaced is "
                  "not saved, and what is written is not read back, the device's own answer is the "
                  "proof"});
}

void about_ota(const Plan& plan, std::vector<Warning>& into) {
  if (plan.medium != Medium::ota || plan.nothing_to_do()) return;
  into.push_back(
      {"ota-without-backup",
       "over the air nothing can be read from the device: what is replaced is not saved, "
       "and what is sent is not read back; the versions that the device tells are the "
       "proof"});
}

void about_guard(const Plan& plan, const Course& course, std::vector<Warning>& into) {
  const bool without = std::ranges::any_of(plan.stages, [](const Stage& stage) {
    return !stage.guard && std::ranges::any_of(stage.steps, [](const Step& step) {
      return step.action == Action::write && step.content.module &&
             step.content.module->function == platform::ModuleFunction::system_part;
    });
  });
  if (!without || course.from->factory_image != true) return;
  into.push_back({"no-guard",
                  "there is a factory application on the device: if writing the system parts is "
                  "interrupted, the bootloader may restore it for ever instead of entering DFU "
                  "mode; then hold MODE while pressing RESET until the LED blinks yellow, and run "
                  "the same command again"});
}

// The SARA-R410 of LTE units names its firmware L0.0.00…, the 2G and 3G modems of the others never
// do.
bool is_lte(const InstalledState& state) {
  return state.modem_firmware && state.modem_firmware->starts_with("L0.0.00");
}

// No LTE unit has ever run a release before 0.8.0-rc.1, whose modules are of version 300 and whose
// bootloader is newer than 101.
bool may_be_lte(const InstalledState& state) {
  constexpr std::uint16_t kFirstOf080 = 300;
  constexpr std::uint16_t kBootloader080 = 200;
  if (state.modem_firmware) return is_lte(state);
  if (const InstalledModule* index2 = state.valid(kSystemPart2)) {
    return index2->version() >= kFirstOf080;
  }
  return state.bootloader_version && *state.bootloader_version >= kBootloader080;
}

// Releases before 0.8.0 cannot talk to its modem, and 1.0.0 is the first that is meant for it.
void about_modem(const Plan& plan, const Course& course, std::vector<Warning>& into) {
  release::Version first;
  release::Version good;
  if (!release::Version::parse("0.8.0", first) || !release::Version::parse("1.0.0", good)) return;
  if (!is_lte(*course.from)) {
    // By cable a stage without a radio is none the worse; over the air it is the last.
    const auto below = std::ranges::find_if(*course.route, [&](const Leg& leg) {
      const bool counts = plan.medium == Medium::ota || &leg == &course.route->back();
      return counts && leg.set->version < first;
    });
    if (below != course.route->end() && may_be_lte(*course.from)) {
      into.push_back(
          {"no-radio-on-lte",
           fmt::format("{} has no radio on an LTE unit (with the modem SARA-R410), which "
                       "needs 0.8.0, better 1.0.0 or newer; whether this is one is not "
                       "known: `electron-rescue info` of the running device tells the "
                       "modem from 2.1.0 on",
                       below->set->version.text())});
    }
    return;
  }
  if (*plan.target < first) {
    into.push_back(
        {"no-radio", fmt::format("this unit has an LTE modem (SARA-R410), with which {} has no "
                                 "radio: it needs 0.8.0, better 1.0.0 or newer",
                                 plan.target->text())});
  } else if (*plan.target < good) {
    into.push_back({"old-for-lte",
                    fmt::format("this unit has an LTE modem (SARA-R410), for which 1.0.0 or newer "
                                "is meant, not {}",
                                plan.target->text())});
  }
}

void from_releases(const Course& course, std::vector<Warning>& into) {
  for (const Leg& leg : *course.route) {
    if (leg.set->release == nullptr) continue;
    for (const firmware::Problem& warning : leg.set->release->warnings()) {
      into.push_back({warning.code, leg.set->version.text() + ": " + warning.message});
    }
  }
}

}  // namespace

std::vector<Warning> warnings(const Plan& plan, const Course& course, const Request& request,
                              const release::Catalogue& catalogue) {
  std::vector<Warning> result;
  from_releases(course, result);
  about_rules(course, result);
  if (request.ran_before) {
    about_told_past(*request.ran_before, course, result);
  } else {
    about_past(plan, course, result);
  }
  about_serial(plan, result);
  about_ota(plan, result);
  about_guard(plan, course, result);
  about_application(plan, course, request, catalogue, result);
  about_modem(plan, course, result);
  about_unmet_bootloader(plan, course, request, result);
  about_new_bootloader(plan, course, result);
  about_index3(plan, course, catalogue, result);
  return result;
}

}  // namespace plan
