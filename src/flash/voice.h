// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How the jobs speak to events::Sink: one device, phases that always end, progress that never
// falls.

#include "base/result.h"
#include "events/event.h"

#include <optional>
#include <string>

namespace flash {

class Voice {
 public:
  Voice(events::Sink& sink, std::string device) : sink_(sink), device_(std::move(device)) {}
  void say(const events::Event& event) { sink_.on(device_, event); }
  void note(std::string text, int detail);
  // Told as soon as the next phase has begun: retries belong into a phase.
  void retry(events::Retrying retrying) { retry_ = std::move(retrying); }

 private:
  friend class PhaseScope;
  events::Sink& sink_;
  std::string device_;
  std::optional<events::Retrying> retry_;
};

// From construction to destruction. Bad unless said to be good.
class PhaseScope {
 public:
  PhaseScope(Voice& voice, events::Phase phase, std::string subject, std::uint64_t total);
  ~PhaseScope();
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;

  // A smaller number than before, or one beyond the total, is passed over.
  void progress(std::uint64_t done);
  void good() { good_ = true; }

 private:
  Voice& voice_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool good_ = false;
};

}  // namespace flash
