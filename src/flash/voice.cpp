// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/voice.h"

namespace flash {

void Voice::note(std::string text, int detail) { say(events::Note{std::move(text), detail}); }

PhaseScope::PhaseScope(Voice& voice, events::Phase phase, std::string subject, std::uint64_t total)
    : voice_(voice), total_(total) {
  voice_.say(events::PhaseStarted{phase, std::move(subject), total});
  if (voice_.retry_) {
    voice_.say(*voice_.retry_);
    voice_.retry_.reset();
  }
}

PhaseScope::~PhaseScope() { voice_.say(events::PhaseFinished{good_}); }

void PhaseScope::progress(std::uint64_t done) {
  if (done <= done_ || done > total_) return;
  done_ = done;
  voice_.say(events::PhaseProgress{done});
}

}  // namespace flash
