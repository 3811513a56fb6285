// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is wanted over the air, and how long each thing is waited for.

#include "base/clock.h"
#include "plan/plan.h"
#include "release/release_set.h"

#include <optional>
#include <string>

namespace ota {

struct Wish {
  release::Version target;
  const release::Library* library = nullptr;  // outlives everything here
  std::optional<firmware::CheckedModule> user_part;
  // What its user says is on the device; used where the cloud does not tell, never against it.
  std::optional<release::Version> from;
  bool dry_run = false;  // look and plan, send nothing
  // What to add to `electron-rescue flash --target X` so that it finds the same files.
  std::string flash_options;
};

// ota-facts: section 7 and the times of section 5.
struct Times {
  base::Micros started = std::chrono::seconds(120);  // after the answer
  base::Micros transfer = std::chrono::minutes(15);  // the cloud gives up after 10
  base::Micros back = std::chrono::minutes(30);      // modem, search for a cell; --wait
  base::Micros silent = std::chrono::minutes(40);    // until a device that is away is asked again
  base::Micros modules = std::chrono::seconds(60);   // the module list, after "online"
  base::Micros after_failed = std::chrono::minutes(5);  // a device may be updated all the same
  // After it a device that answers a ping has come back without a word. Longer than the stall
  // watchdog (5 minutes) and an attach (5 minutes).
  base::Micros probe = std::chrono::minutes(10);
  base::Micros others = std::chrono::seconds(10);  // to see whether somebody else sends now
  base::Micros pause = std::chrono::minutes(1);    // before a part is sent again; doubles
  base::Micros retry = std::chrono::seconds(10);   // before a question is asked again; doubles
};

inline constexpr int kMostAttempts = 3;   // of one part whose transfer is lost
inline constexpr int kMostQuestions = 6;  // of one question that gets no whole answer

}  // namespace ota
