// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What was seen of one device since a part was sent to it: the facts in events, whatever their
// order, and however often they come.

#include "base/clock.h"
#include "cloud/events.h"

#include <deque>
#include <optional>
#include <string>

namespace ota {

struct Seen {
  bool started = false;
  std::optional<base::Instant> success;
  std::optional<base::Instant> failed;
  std::optional<base::Instant> online;  // the last one
  // What is installed, told after the transfer began and after the last "online".
  std::optional<serial::Described> modules;
  std::string modules_time;  // its published_at
  std::string last_reset;
  std::optional<bool> ota_result;
  std::string app_hash;
  bool gap = false;       // the stream was not there for a while
  bool others = false;    // somebody else began to send
  std::string reference;  // the newest published_at of what a module list must come after
};

// Takes events apart for Seen. Duplicates, and old events that are told again, are passed over.
class Ear {
 public:
  // False: it was heard before.
  bool take(const cloud::Event& event);
  // As take(), and notes it in `seen`. `ours`: a part of ours is under way, so that "started" is
  // its own.
  bool note(const cloud::Event& event, base::Instant now, bool ours, Seen& seen);

 private:
  std::deque<std::string> heard_;
  // The newest published_at of what a transfer ends with.
  std::string ended_;
};

}  // namespace ota
