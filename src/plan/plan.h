// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Deciding, before anything is touched, what is written in which order. A plan is a value: it can
// be printed, compared, and refused; and it is what is done: whoever carries it out walks the steps
// of its stages in their order and decides nothing.

#include "base/address_range.h"
#include "plan/state.h"
#include "release/release_set.h"
#include "release/search.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace plan {

// How modules get to the device. By DFU its flash is written while nothing runs; by serial (YMODEM)
// and ota (the vendor's cloud) its running firmware takes one module after the other and restarts
// in between.
enum class Medium { dfu, serial, ota };
std::string_view name(Medium medium);  // "dfu", "serial", "ota"

// What a place in flash shall hold: the bytes, and behind them blank.
struct Content {
  std::string name;  // "system part 1", "user part", "factory application"
  std::optional<platform::ModuleId>
      module;                // whose place it is; none: the factory image, raw bytes
  base::AddressRange place;  // the sector or sectors, whole
  std::shared_ptr<const base::Bytes> bytes;  // from place.begin on
  std::string source;                        // the file they come from
  // The proof that the bytes are a whole module; none for regions of a backup.
  std::optional<firmware::CheckedModule> checked;

  base::ByteView image() const { return bytes ? base::ByteView(*bytes) : base::ByteView(); }
  std::optional<std::uint16_t> version() const;  // none if it is no whole module
};
// `module` in its own place.
Content content_of(const firmware::CheckedModule& module);

enum class Action {
  guard_open,   // erases the place and writes all of it but the word with the start address
  write,        // erases the place, writes it, and reads it back
  skip,         // the very same bytes are there already
  guard_close,  // writes the word that guard_open left out
  send,         // hands the module to the running firmware, which puts it in place and restarts
};
std::string_view name(Action action);  // "guard-open", "write", "skip", "guard-close", "send"

struct Step {
  Action action = Action::write;
  Content content;
  int part = 0;  // number in the vendor's file name; 0: user part, bootloader, raw bytes
  std::optional<std::uint16_t> from_version;  // none: nothing valid was there, or not known
  std::string reason;
  // Milliseconds that it takes on the device's own clock: erasing, programming, copying. What a
  // share of a job is told by; no promise.
  unsigned weight = 0;

  // True for the one step of a stage after which its content is there: all but guard_open.
  bool completes() const { return action != Action::guard_open; }
  bool writes() const { return action != Action::skip; }
};

// Index 1's sector is erased first, and the start address in its header written last of all, so
// that a power cut at any moment between leaves a device that returns to DFU by itself: the
// bootloader starts no index 1 without a valid header (device-os v0.6.4: bootloader/src/main.c).
struct Guard {
  platform::ModuleId module;
  std::string reason;
};

enum class Then { boot, stay };

struct Stage {
  // None: no release is installed by it, only an application, a bootloader, or a backup.
  std::optional<release::Version> release;
  Medium medium = Medium::dfu;
  std::string reason;
  std::vector<Step> steps;  // what is done, in this order; `skip` has its place among them
  Then then = Then::boot;
  std::optional<Guard> guard;   // if `steps` open and close one
  std::string no_guard_reason;  // why `guard` is empty

  bool nothing_to_do() const;  // every step is `skip`
};

struct Warning {
  std::string code;
  std::string message;
};

enum class Direction { upgrade, downgrade, same, unknown };
std::string_view name(Direction direction);

struct Plan {
  InstalledState from;
  Judgement judgement;  // of `from`
  // The release of each of from.modules as the catalogue knows it, for people; empty: not known.
  std::vector<std::string> from_releases;
  std::optional<release::Version> target;  // none: the system stays as it is
  Medium medium = Medium::dfu;             // of its stages; a bootloader's own is serial even so
  Direction direction = Direction::unknown;
  // At least one. If everything is there already, one in which every step is `skip`.
  std::vector<Stage> stages;
  std::vector<Warning> warnings;
  // The bootloader before the first stage, and after the start that ends each stage by which it may
  // have been replaced; none: not known.
  std::vector<std::optional<std::uint16_t>> bootloaders;
  bool nothing_to_do() const;
};

struct Refusal {
  // unknown-release, target-missing: the files, not the rules, are in the way.
  // stage-missing, downgrade-needs-0.6.4: the files of a stage between are missing.
  // unknown-state, no-accepted-order; application-needs-newer, bootloader-put-back, ….
  std::string code;
  std::string message;
  std::string hint;
  std::vector<std::string> needs{};  // acceptable releases for the missing stage, newest first
  std::vector<std::string> where{};  // where to get them, one address per entry of `needs`
  std::vector<release::MissingPart> missing{};  // of the target, where its files are in the way
};

// Bad file where the files are in the way (target-missing, unknown-release), usage where it is the
// wish (target-undecided), else refused.
base::Error as_error(const Refusal& refusal);

// The files of the target are not at hand, or cannot be used: target-missing, with what is missing
// and how to get it; or nobody knows such a release: unknown-release.
Refusal refuse_target(const release::Version& target, const release::Library& library,
                      const release::Catalogue& catalogue);

struct RanBefore {
  release::Version release;
  std::uint16_t module_version = 0;
};

// What is asked for. At least one of target, user_part and bootloader.
struct Request {
  std::optional<release::Version> target;  // none: the system parts stay as they are
  // --target auto without an application: the release that the one on the device was built for.
  bool target_of_application = false;
  const release::Library* library = nullptr;         // every release at hand
  std::optional<firmware::CheckedModule> user_part;  // --user-app
  std::optional<firmware::CheckedModule>
      bootloader;             // --bootloader: only running firmware takes it
  bool leave_in_dfu = false;  // the last stage ends with Then::stay
  // --from: what ran on the device before. Used where no valid part on it tells.
  std::optional<RanBefore> ran_before;
};

using Outcome = std::variant<Plan, Refusal>;
Outcome make_plan(const InstalledState& state, const Request& request, Medium medium,
                  const release::Catalogue& catalogue);

// One place of a backup, and what is there now.
struct RestoreRegion {
  Content content;
  // The bytes of the whole place as they were read; none: not read, so that it is written.
  std::optional<base::ByteView> there;
};
struct RestoreRequest {
  std::vector<RestoreRegion>
      regions;  // each place once; never the bootloader nor the configuration
  // The device's own system part 1, which holds the guard where the backup has none; none: it has
  // none that starts.
  std::optional<Content> own_part1;
  // What the device will be afterwards, as far as that is known; judged for the warnings.
  std::optional<InstalledState> afterwards;
  bool leave_in_dfu = false;
};
// One stage by DFU: the places that differ, system parts under the guard, the factory image last.
Plan make_restore_plan(const InstalledState& state, const RestoreRequest& request,
                       const release::Catalogue& catalogue);

// The acceptance rules that the firmware running in `state` applies to a module that comes over the
// air or by YMODEM (rules.h), made stricter: a blank or corrupt sector satisfies no dependency, and
// firmware that does not start accepts nothing. Empty if it is accepted, else why not.
std::optional<firmware::Problem> refusal_by_rules(const InstalledState& state,
                                                  const firmware::CheckedModule& module);
// `state` after `module` has been written.
InstalledState after(InstalledState state, const firmware::CheckedModule& module);

}  // namespace plan
