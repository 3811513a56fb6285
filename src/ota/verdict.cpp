// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/verdict.h"

#include "base/bytes.h"
#include "way/told.h"

#include <fmt/format.h>

namespace ota {
namespace {

// Is it what the list shows?
bool shows(const serial::Described& described, const firmware::CheckedModule& part) {
  const plan::InstalledState state = way::state_from(described, platform::electron());
  const plan::InstalledModule* there = state.valid(part.id());
  if (there == nullptr || there->version() != part.version()) return false;
  return plan::compare(there->seen, part) != plan::Sameness::different;
}

std::string version_there(const serial::Described& described, platform::ModuleId id) {
  const plan::InstalledState state = way::state_from(described, platform::electron());
  const plan::InstalledModule* there = state.valid(id);
  return there == nullptr ? std::string("none that is whole")
                          : fmt::format("version {}", there->version());
}

Judged by_modules(const Evidence& evidence) {
  const serial::Described& modules = *evidence.seen.modules;
  const std::string part = platform::describe(evidence.part->id());
  if (shows(modules, *evidence.part)) {
    return {Fate::proved, Proof::modules, "the device lists it"};
  }
  const std::string there = version_there(modules, evidence.part->id());
  if (!evidence.seen.success) {
    return {Fate::lost, Proof::none,
            fmt::format("the transfer was not reported whole, and the device lists {} {}", part,
                        there)};
  }
  return {Fate::refused, Proof::none,
          fmt::format("it was delivered whole, and the device lists {} {}: its firmware did not "
                      "take version {}",
                      part, there, evidence.part->version())};
}

// What the device says of its last reset; undetermined where that tells nothing.
Judged by_reset(const std::string& reason) {
  if (reason == "update") {
    return {Fate::proved, Proof::reset, "the device started anew because of an update"};
  }
  if (reason == "update_error") {
    return {Fate::refused, Proof::none, "the device started anew because of a failed update"};
  }
  if (reason.empty()) return {};
  return {Fate::lost, Proof::none,
          fmt::format("the device started anew for another reason: {}", reason)};
}

// System part 2 is what the system version follows.
Judged by_version(const Evidence& evidence) {
  const auto told = module_version_of(evidence.device->system_version);
  if (told == evidence.part->version() && evidence.before.running != told) {
    return {Fate::proved, Proof::version,
            fmt::format("the device tells system version {}", evidence.device->system_version)};
  }
  return {Fate::undetermined, Proof::none,
          fmt::format("the device came back with system version {}",
                      evidence.device->system_version.empty() ? std::string("unknown")
                                                              : evidence.device->system_version)};
}

}  // namespace

Judged judge(const Evidence& evidence) {
  const Seen& seen = evidence.seen;
  if (seen.modules) return by_modules(evidence);
  if (seen.ota_result) {
    return *seen.ota_result
               ? Judged{Fate::proved, Proof::device, "the device says that it took it"}
               : Judged{Fate::refused, Proof::none, "the device says that it did not take it"};
  }
  const bool application = evidence.part->id() == platform::kUserPart;
  if (application && seen.app_hash == base::to_hex(evidence.part->suffix().sha256)) {
    return {Fate::proved, Proof::device, "the device runs this application now"};
  }
  const bool anew = evidence.device != nullptr && !evidence.handshake.empty() &&
                    evidence.device->last_handshake != evidence.handshake;
  if (seen.online || anew) {
    if (evidence.part->id() == platform::kSystemPart2 && evidence.device != nullptr) {
      Judged judged = by_version(evidence);
      if (judged.fate == Fate::proved) return judged;
      // An update that was only said to be one is none while the version stands.
      if (seen.success || seen.last_reset == "update") return judged;
    }
    if (Judged judged = by_reset(seen.last_reset); judged.fate != Fate::undetermined) {
      return judged;
    }
    if (!seen.success && seen.failed) {
      return {Fate::lost, Proof::none, "the cloud reports that the transfer failed"};
    }
    return {Fate::proved, Proof::handshake, "the device started anew"};
  }
  if (seen.success) {
    return {Fate::undetermined, Proof::none,
            "it was delivered whole, and the device said nothing after it: probably it did not "
            "take it"};
  }
  if (seen.failed) return {Fate::lost, Proof::none, "the cloud reports that the transfer failed"};
  if (seen.started) return {Fate::lost, Proof::none, "the transfer began and did not end"};
  return {Fate::lost, Proof::none, "the transfer did not begin"};
}

}  // namespace ota
