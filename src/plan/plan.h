// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Deciding, before anything is touched, which parts of which releases are written in which order. A
// plan is a value: it can be printed, compared, and refused.

#include "plan/state.h"
#include "release/release_set.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace plan {

enum class Action { write, skip };  // skip: the very same module is there already

struct Step {
  firmware::CheckedModule module;
  int part = 0;  // number in the vendor's file name; 0: user part, bootloader
  std::optional<std::uint16_t> from_version;  // none: nothing valid was there
  Action action = Action::write;
  std::string reason;
};

// Index 1's sector is erased and written first, but for the start address in its header, which is
// written last of all, so that a power cut at any moment leaves a device that returns to DFU by
// itself: the bootloader starts no index 1 without a valid header (device-os v0.6.4:
// bootloader/src/main.c).
struct Guard {
  platform::ModuleId module;
  std::string reason;
};

enum class Then { boot, stay };

struct Stage {
  release::Version release;
  std::string reason;
  std::vector<Step> steps;  // in the order in which the running firmware accepts them
  Then then = Then::boot;
  std::optional<Guard> guard;
  std::string no_guard_reason;  // why `guard` is empty, for the explanation
};

struct Warning {
  std::string code;
  std::string message;
};

struct Plan {
  InstalledState from;
  // The release of each of from.modules as the catalogue knows it, for people; empty: not known.
  std::vector<std::string> from_releases;
  release::Version target;
  // At least one. If everything is there already, one in which every step is `skip`.
  std::vector<Stage> stages;
  std::vector<Warning> warnings;
  bool nothing_to_do() const;  // no step writes
};

struct Refusal {
  // unknown-release, target-missing: the files, not the rules, are in the way.
  // stage-missing, downgrade-needs-0.6.4: the files of a stage between are missing.
  // unknown-state, no-accepted-order.
  std::string code;
  std::string message;
  std::string hint;
  std::vector<std::string> needs;  // acceptable releases for the missing stage, newest first
  std::vector<std::string> where;  // where to get them, one address per entry of `needs`
};

struct RanBefore {
  release::Version release;
  std::uint16_t module_version = 0;
};

struct Request {
  release::Version target;
  const release::Library* library = nullptr;         // every release at hand
  std::optional<firmware::CheckedModule> user_part;  // --user-app
  bool leave_in_dfu = false;                         // the last stage ends with Then::stay
  // --from: what ran on the device before. Used where no valid part on it tells.
  std::optional<RanBefore> ran_before;
};

using Outcome = std::variant<Plan, Refusal>;
Outcome make_plan(const InstalledState& state, const Request& request,
                  const release::Catalogue& catalogue);

// The acceptance rules that the firmware running in `state` applies to a module that comes over the
// air or by YMODEM (rules.h), made stricter: a blank or corrupt sector satisfies no dependency, and
// firmware that does not start accepts nothing. Empty if it is accepted, else why not.
std::optional<firmware::Problem> refusal_by_rules(const InstalledState& state,
                                                  const firmware::CheckedModule& module);
// `state` after `module` has been written.
InstalledState after(InstalledState state, const firmware::CheckedModule& module);

}  // namespace plan
