// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a run did with one device, as a value: what `ota flash` reports.

#include "ota/belief.h"

#include <optional>
#include <string>
#include <vector>

namespace ota {

enum class Verdict {
  proved,        // the target is on it, and that is proved
  done_already,  // it was there before
  refused,       // by the rules, the cloud or the device: the air cannot mend it
  undetermined,  // sent, and not proved in time
  offline,       // it was not there in time; nothing was sent
  failed,        // the cloud, the link, the token: run it again
  planned,       // only looked at (--dry-run)
};
std::string_view name(Verdict verdict);

// A part that was sent.
struct Sent {
  firmware::CheckedModule module;
  std::optional<release::Version> stage;
  int attempts = 0;
  Proof proof = Proof::none;
  std::string outcome;  // a plain clause
  base::Micros took{};
};

struct DeviceResult {
  std::string id;
  std::string name;
  std::string product;         // number; empty: one's own
  std::optional<bool> online;  // the last that was heard; none: nobody looked
  std::string system_before;   // as the cloud told it
  std::string system_after;
  std::optional<Belief> before;    // what the first plan was made from
  std::optional<plan::Plan> plan;  // the first one
  std::vector<Sent> sent;
  Verdict verdict = Verdict::failed;
  std::vector<std::string> reasons;
  // What to bring and to type where the air cannot mend it; empty otherwise.
  std::vector<std::string> bring;
  std::string command;
  bool development_left_set = false;  // it could not be restored
  base::Micros took{};
  std::optional<base::Error> error;

  std::size_t bytes() const;      // of the files that were sent, repeated ones counted again
  std::size_t air_bytes() const;  // what that costs the SIM, about
};

// About what a module of this size costs the SIM: 585 bytes a chunk of 512, and the start that
// follows (ota-facts, section 10).
std::size_t air_bytes(std::size_t size);
// The files of a plan that are to be sent, and what they cost the SIM.
std::size_t bytes_to_send(const plan::Plan& plan);
std::size_t air_bytes_to_send(const plan::Plan& plan);

}  // namespace ota
