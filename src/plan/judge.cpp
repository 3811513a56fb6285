// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the device does when it is switched on. The bootloader looks at index 1's header alone;
// index 1 jumps into index 2, which calls into index 3 from 0.6.0 on. Every mix of index 1 and
// index 3 starts beside an older index 2; an index 2 that is newer than one of them crashes, and
// then neither USB nor DFU comes back by itself (released firmware executed on a model of the
// chip).

#include "plan/bootloader.h"
#include "plan/state.h"

#include <fmt/format.h>

#include <algorithm>

namespace plan {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::kUserPart;

// device-os v0.6.4: bootloader/src/main.c, is_application_valid(): no CRC.
bool bootloader_takes(const InstalledModule& index1, const platform::Platform& platform) {
  const platform::Slot* slot = platform.slot(kSystemPart1);
  // A device that told of it had started it.
  if (std::holds_alternative<Told>(index1.seen)) return true;
  const firmware::ModuleHeader* header = index1.header();
  return header != nullptr && slot != nullptr && header->start == slot->flash.begin &&
         header->end <= platform.flash.end && header->platform == platform.id;
}

// Those from 2.0.0 on take an image in the factory sector though none is registered (executed).
constexpr std::uint16_t kTakesUnregistered = 1000;
// The first module version whose firmware keeps the flags for the bootloader in the RTC's
// registers, and the first bootloader that looks for them there (device-os v0.7.0:
// system_flags_impl.c).
constexpr std::uint16_t kFlagsInRegisters = kFirstOf070;
constexpr std::uint16_t kLooksInRegisters = 100;
// Before it the factory store was the last sector of flash (device-os v0.5.3-rc.1).
constexpr std::uint16_t kFactoryWhereItIs = 18;

// Will this bootloader copy the factory image when it is asked to?
std::optional<bool> copies_factory(const InstalledState& state,
                                   std::optional<std::uint16_t> bootloader) {
  if (!state.factory_image) return std::nullopt;
  if (!*state.factory_image) return false;
  if (bootloader && *bootloader >= kTakesUnregistered) return true;
  if (state.factory_registered == true) return true;
  if (bootloader && state.factory_registered == false) return false;
  return std::nullopt;
}

// What becomes of a device whose index 1 the bootloader does not take.
void without_index1(const InstalledState& state, std::string what, Judgement& into) {
  const std::optional<bool> restores = factory_instead_of_dfu(state);
  if (restores == true) {
    into.verdict = Verdict::restarts;
    what +=
        ": the bootloader restores the factory application and restarts, for ever; hold MODE "
        "while pressing RESET to get DFU mode";
  } else if (!restores && state.factory_image == true) {
    what +=
        ": the bootloader then enters DFU mode by itself, or restores the factory application "
        "for ever; hold MODE while pressing RESET to get DFU mode for certain";
  } else {
    what += ": the bootloader then enters DFU mode by itself";
  }
  into.reasons.push_back(std::move(what));
}

// True if the bootloader starts it all the same.
bool judge_index1(const InstalledState& state, Judgement& into) {
  const InstalledModule* module = state.find(kSystemPart1);
  if (module == nullptr || module->blank()) {
    without_index1(state, "system part 1 is missing", into);
    return false;
  }
  if (!bootloader_takes(*module, *state.platform)) {
    without_index1(state, "system part 1 has no valid header", into);
    return false;
  }
  into.reasons.emplace_back(
      "system part 1 is corrupt, but its header is whole: the bootloader starts it, and it may "
      "crash; hold MODE while pressing RESET to get DFU mode");
  return true;
}

// `consequence` only matters if the bootloader comes so far.
void judge_missing(const InstalledState& state, platform::ModuleId id, bool gets_so_far,
                   std::string_view consequence, Judgement& into) {
  const InstalledModule* module = state.find(id);
  const bool corrupt = module != nullptr && module->health() == Health::corrupt;
  std::string reason =
      fmt::format("{} is {}", platform::describe(id), corrupt ? "corrupt" : "missing");
  if (gets_so_far) reason += fmt::format(": {}", consequence);
  into.reasons.push_back(std::move(reason));
}

// "0.7.0 (207)": people know releases, modules know numbers.
std::string release_and_number(std::uint16_t version, const release::Catalogue& catalogue) {
  release::Match match;
  match.releases = catalogue.with_module_version(version);
  const release::CatalogueRelease* best = match.best();
  return best == nullptr ? fmt::format("version {}", version)
                         : fmt::format("{} ({})", best->version.text(), version);
}

// All system parts that index 2 needs are valid: are they new enough?
void judge_mix(const InstalledState& state, std::uint16_t version2,
               const release::Catalogue& catalogue, Judgement& into) {
  const auto too_old = [&](platform::ModuleId id) {
    const InstalledModule* other = state.valid(id);
    if (other == nullptr || other->version() >= version2) return;
    into.reasons.push_back(
        fmt::format("system part 2 of {} is newer than {} of {}: the firmware crashes while it "
                    "starts, and only the MODE button brings back DFU mode",
                    release_and_number(version2, catalogue), platform::describe(id),
                    release_and_number(other->version(), catalogue)));
  };
  too_old(kSystemPart1);
  if (version2 >= kFirstWithIndex3) too_old(kSystemPart3);
  if (loops(state)) {
    // Nothing else may be in its way: then it comes so far.
    if (into.reasons.empty()) into.verdict = Verdict::restarts;
    into.reasons.push_back(
        fmt::format("system part 2 of 0.6.3 ({}) beside system part 3 ({}) of 0.7.0 or newer "
                    "writes the bootloader and resets, for ever",
                    version2, state.valid(kSystemPart3)->version()));
  }
}

void judge_system(const InstalledState& state, const release::Catalogue& catalogue,
                  Judgement& into) {
  const InstalledModule* index1 = state.valid(kSystemPart1);
  const InstalledModule* index2 = state.valid(kSystemPart2);
  const bool begins = index1 != nullptr || judge_index1(state, into);
  if (index2 == nullptr) {
    judge_missing(state, kSystemPart2, begins,
                  "the device hangs or resets; hold MODE while pressing RESET to get DFU mode",
                  into);
    return;
  }
  const std::uint16_t version2 = index2->version();
  if (version2 >= kFirstWithIndex3 && state.valid(kSystemPart3) == nullptr) {
    judge_missing(state, kSystemPart3, begins,
                  "the firmware crashes while it starts, and only the MODE button brings back DFU "
                  "mode",
                  into);
  }
  if (index1 != nullptr) judge_mix(state, version2, catalogue, into);
}

// Dependencies that do not hold but do not keep the firmware from starting.
void name_unmet(const InstalledState& state, Judgement& into) {
  for (const platform::ModuleId id : {kSystemPart1, kSystemPart2, kSystemPart3}) {
    const InstalledModule* module = state.valid(id);
    if (module == nullptr) continue;
    for (const firmware::Dependency& dependency : module->dependencies()) {
      if (dependency.none()) continue;
      std::optional<std::uint16_t> there;
      if (dependency.module.function == platform::ModuleFunction::bootloader) {
        // An unknown bootloader is no finding.
        if (!state.bootloader_version) continue;
        there = state.bootloader_version;
      } else if (const InstalledModule* other = state.valid(dependency.module)) {
        there = other->version();
      }
      if (there && *there >= dependency.version) continue;
      into.reasons.push_back(fmt::format(
          "{} ({}) wants {} {} or newer, but {} there; the device starts nevertheless",
          platform::describe(id), module->version(), platform::describe(dependency.module),
          dependency.version, there ? fmt::format("{} is", *there) : std::string("none is")));
    }
  }
}

// The version that the firmware finds at the dependency's place: it looks at no checksum, and what
// is blank has the highest number (device-os v0.6.4: ota_flash_hal.cpp).
std::optional<std::uint16_t> found_at(const InstalledState& state, platform::ModuleId id,
                                      std::optional<std::uint16_t> bootloader) {
  if (id == platform::kBootloader) return bootloader;
  const InstalledModule* there = state.find(id);
  if (there == nullptr) return std::nullopt;
  return there->blank() ? std::uint16_t{0xFFFF} : there->version();
}

// The application is whole: does it find what it wants?
void judge_dependencies(const InstalledState& state, const InstalledModule& user,
                        std::optional<std::uint16_t> bootloader,
                        const release::Catalogue& catalogue, Judgement& into) {
  const auto dependencies = user.dependencies();
  const bool both = state.valid(kSystemPart2)->version() >= kFirstOf070;
  for (std::size_t i = 0; i < (both ? 2U : 1U); ++i) {
    const firmware::Dependency& wanted = dependencies[i];
    if (wanted.none()) continue;
    const auto there = found_at(state, wanted.module, bootloader);
    // An unknown bootloader is no finding.
    if (there ? *there >= wanted.version : wanted.module == platform::kBootloader) continue;
    into.verdict = Verdict::safe_mode;
    const bool system = wanted.module.function == platform::ModuleFunction::system_part;
    release::Match match;
    if (system) match.releases = catalogue.with_module_version(wanted.version);
    if (const auto* best = match.best()) into.needs = best->version;
    into.reasons.push_back(fmt::format(
        "the application needs {} {} or newer, and {} is there", platform::describe(wanted.module),
        system ? "of " + release_and_number(wanted.version, catalogue)
               : std::to_string(wanted.version),
        !there   ? std::string("none")
        : system ? release_and_number(*there, catalogue)
                 : std::to_string(*there)));
    if (into.needs) {
      into.cure = fmt::format("`electron-rescue flash --target {}` brings it", into.needs->text());
    }
    return;
  }
}

// True if the firmware finds a header of an application, whole or not.
bool has_application_header(const InstalledState& state, const InstalledModule& user) {
  if (user.valid() || std::holds_alternative<Told>(user.seen)) return true;
  const platform::Slot* slot = state.platform->slot(kUserPart);
  const firmware::ModuleHeader* header = user.header();
  return header != nullptr && slot != nullptr && header->start == slot->flash.begin &&
         header->start < header->end && header->end + 4 <= slot->flash.end &&
         header->platform == state.platform->id &&
         header->id.function != platform::ModuleFunction::none &&
         header->id.function <= platform::ModuleFunction::radio_stack;
}

constexpr const char* kWriteApplication =
    "write an application with `electron-rescue flash --user-app FILE`";

// No application, and an image of one in the factory sector: the firmware asks the bootloader to
// restore it and resets (device-os v0.6.4: system/src/system_mode.cpp).
void judge_factory(const InstalledState& state, std::optional<std::uint16_t> bootloader,
                   std::string what, Judgement& into) {
  const std::uint16_t version2 = state.valid(kSystemPart2)->version();
  const bool asks = version2 >= kFactoryWhereItIs && state.factory_image == true;
  if (!asks) {
    into.verdict = Verdict::safe_mode;
    into.reasons.push_back(std::move(what));
    into.cure = kWriteApplication;
    return;
  }
  std::optional<bool> copies = copies_factory(state, bootloader);
  if (!bootloader) {
    copies.reset();
  } else if ((version2 >= kFlagsInRegisters) != (*bootloader >= kLooksInRegisters)) {
    copies = false;  // what the firmware asks for, this bootloader does not hear
  }
  what += ", but one in the factory sector: ";
  if (copies == true) {
    into.verdict = Verdict::restores_factory;
    what += "the bootloader puts it in place at the next start";
  } else if (copies == false) {
    into.verdict = Verdict::restarts;
    what += fmt::format(
        "the firmware asks bootloader {} to put it in place, which it does not, "
        "and restarts, for ever",
        *bootloader);
    into.cure = kWriteApplication;
  } else {
    into.verdict = Verdict::unknown;
    what +=
        "whether the bootloader puts it in place, or the device restarts for ever, depends on "
        "the bootloader and on what its configuration registers";
    into.cure = kWriteApplication;
  }
  into.reasons.push_back(std::move(what));
}

// device-os v0.6.4: system/src/system_mode.cpp, is_user_module_valid().
void judge_application(const InstalledState& state, const release::Catalogue& catalogue,
                       Judgement& into) {
  const InstalledModule* user = state.find(kUserPart);
  if (user == nullptr) return;  // not looked at
  // The firmware replaces the bootloader before it looks at the application.
  const std::optional<std::uint16_t> bootloader = bootloader_after_start(state, catalogue);
  if (user->valid()) {
    judge_dependencies(state, *user, bootloader, catalogue, into);
  } else if (has_application_header(state, *user)) {
    into.verdict = Verdict::safe_mode;
    into.reasons.emplace_back("the application is corrupt");
    into.cure = kWriteApplication;
  } else {
    judge_factory(state, bootloader,
                  user->blank() ? "there is no application" : "there is no whole application",
                  into);
  }
}

// The firmware starts: do its parts belong together?
void judge_unity(const InstalledState& state, const release::Catalogue& catalogue,
                 Judgement& into) {
  const std::uint16_t version2 = state.valid(kSystemPart2)->version();
  std::uint16_t newest = version2;
  std::uint16_t oldest = version2;
  for (const platform::ModuleId id : {kSystemPart1, kSystemPart3}) {
    const InstalledModule* module = state.valid(id);
    // Firmware without an index 3 leaves an old one where it is.
    if (module == nullptr || (id == kSystemPart3 && newest < kFirstWithIndex3)) continue;
    newest = std::max(newest, module->version());
    oldest = std::min(oldest, module->version());
  }
  if (newest == oldest) return;
  release::Match match;
  match.releases = catalogue.with_module_version(newest);
  const release::CatalogueRelease* best = match.best();
  if (best != nullptr) into.interrupted = best->version;
  into.reasons.push_back(
      fmt::format("an update was interrupted: there are system parts of {} and of {}{}",
                  release_and_number(oldest, catalogue), release_and_number(newest, catalogue),
                  best == nullptr ? std::string()
                                  : fmt::format("; `electron-rescue flash --target {}` finishes it",
                                                best->version.text())));
}

// That of the newest part on the device; "VERSION" if no part tells.
std::string release_that_helps(const InstalledState& state, const release::Catalogue& catalogue) {
  std::uint16_t newest = 0;
  for (const platform::ModuleId id : {kSystemPart1, kSystemPart2, kSystemPart3}) {
    if (const InstalledModule* module = state.valid(id)) {
      newest = std::max(newest, module->version());
    }
  }
  release::Match match;
  match.releases = catalogue.with_module_version(newest);
  const release::CatalogueRelease* best = match.best();
  return best == nullptr ? "VERSION" : best->version.text();
}

// Whether it starts does not depend on it, and it is what people look for last.
void judge_keys(const InstalledState& state, Judgement& into) {
  if (state.configuration != Configuration::blank) return;
  into.reasons.push_back(fmt::format(
      "the device's configuration is blank: it has no keys, and the cloud turns it away; {}",
      kKeysCure));
}

Judgement judge_start(const InstalledState& state, const release::Catalogue& catalogue) {
  Judgement judgement;
  if (const InstalledModule* whole = state.monolithic()) {
    judgement.reasons.push_back(fmt::format(
        "monolithic firmware, version {}, in one piece over the places of several parts",
        whole->version()));
    if (whole->valid()) return judgement;
    judgement.verdict = Verdict::does_not_boot;
    judgement.reasons.back() += "; it is corrupt";
    return judgement;
  }
  if (state.platform == nullptr ||
      (state.find(kSystemPart1) == nullptr && state.find(kSystemPart2) == nullptr)) {
    judgement.verdict = Verdict::unknown;
    judgement.reasons.emplace_back("nothing is known about its system parts");
    return judgement;
  }
  if (!starts(state)) {
    judgement.verdict = Verdict::does_not_boot;
    judge_system(state, catalogue, judgement);
    judgement.cure = fmt::format("`electron-rescue flash --target {}` brings it back",
                                 release_that_helps(state, catalogue));
    return judgement;
  }
  judge_application(state, catalogue, judgement);
  judge_unity(state, catalogue, judgement);
  if (!judgement.interrupted) name_unmet(state, judgement);
  return judgement;
}

}  // namespace

std::optional<bool> factory_instead_of_dfu(const InstalledState& state) {
  return copies_factory(state, state.bootloader_version);
}

Judgement judge(const InstalledState& state, const release::Catalogue& catalogue) {
  Judgement judgement = judge_start(state, catalogue);
  judge_keys(state, judgement);
  return judgement;
}

}  // namespace plan
