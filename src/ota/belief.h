// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is believed to be on a device that nobody can look into, why, and whether that is enough to
// send the next part. Pure.

#include "cloud/answers.h"
#include "ota/part.h"
#include "ota/seen.h"
#include "ota/wish.h"

#include <map>
#include <optional>
#include <string>

namespace ota {

// How a part was proved to be in place, from nothing to certainty. Never by an answer of the cloud
// or by "success", which tell of delivery.
enum class Proof {
  none,
  handshake,  // the device has started anew: where it checks the chain itself, enough to go on
  reset,      // and says that an update was the reason
  device,     // its own verdict: ota_result, the hash of the application
  version,    // the system version that it tells, which is that of system part 2
  modules,    // the list of its modules
};
std::string_view name(Proof proof);
inline bool strong(Proof proof) { return proof >= Proof::reset; }

using Proofs = std::map<PartKey, Proof>;

enum class Source {
  nothing,
  user,   // --from
  cloud,  // "all parts of the release that it names"
  device  // the list of its modules
};
std::string_view name(Source source);  // "nothing", "assumed-by-user", "assumed", "modules"

struct Belief {
  plan::InstalledState state;
  Source source = Source::nothing;
  // Of system part 2, as the device told it: by its modules, or the cloud's copy of what it told at
  // its last handshake. None: nobody but a user says so.
  std::optional<std::uint16_t> running;
};

// The module version of a release, by its name; none: not known.
std::optional<std::uint16_t> module_version_of(const std::string& release);

// From the list that the device told. A module whose version is that of a file at hand is taken for
// that file: over the air no more can be known.
Belief told(const serial::Described& described, const Wish& wish);
// From what the cloud and the user say. Nothing where both say nothing.
Belief assumed(const std::string& system_version, const Wish& wish);
// With the part in place.
void put(Belief& belief, const firmware::CheckedModule& module, Proof proof);
// The list's module, if it is whole.
const plan::InstalledModule* valid_in(const Belief& belief, platform::ModuleId id);

// The plan from here. Nothing known: plan::Refusal "unknown-state".
plan::Outcome plan_for(const Belief& belief, const Wish& wish);
// The first part that is to be sent; null if nothing is.
struct Next {
  const plan::Step* step = nullptr;
  const plan::Stage* stage = nullptr;
};
Next next_of(const plan::Plan& plan);

// Why `module` may not be sent yet though the plan says it is next: what must be proved before, so
// that no device is left with a mix that does not start (ota-facts: rule 7, 5.3). Empty if it may.
std::string why_not_yet(const firmware::CheckedModule& module, const Belief& belief,
                        const Proofs& proofs);

}  // namespace ota
