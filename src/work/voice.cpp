// SPDX-License-Identifier: GPL-3.0-or-later
#include "work/voice.h"

#include <algorithm>
#include <utility>

namespace work {

void Meter::expect(double weight) {
  begun_at_ = share_;
  expected_ = weight;
}

void Meter::reach(double done) {
  if (expected_ <= 0) return;
  const double part = std::clamp(done / expected_, 0.0, 1.0);
  share_ = std::max(share_, begun_at_ + (1 - begun_at_) * part);
}

void Voice::note(std::string text, int detail) { say(events::Note{std::move(text), detail}); }

void Voice::person(events::Action action, std::string what, base::Micros within) {
  say(events::PersonNeeded{action, std::move(what), within});
}

void Voice::expect(double weight) {
  meter_.expect(weight);
  finished_ = 0;
}

void Voice::finish() {
  meter_.finish();
  say(events::Progress{1, events::Part::none, 0, 0});
}

StepScope::StepScope(Voice& voice, events::StepStarted step) : voice_(voice), weight_(step.weight) {
  voice_.say(step);
}

StepScope::~StepScope() {
  if (good_) {
    voice_.finished_ += weight_;
    voice_.meter_.reach(voice_.finished_);
    now_ = {};
    tell();
  }
  voice_.say(events::StepFinished{good_});
}

void StepScope::part(events::Part part, std::uint64_t total, double weight) {
  if (part != now_.part) before_part_ = std::min(weight_, before_part_ + part_weight_);
  part_weight_ = weight;
  now_.part = part;
  now_.total = total;
  now_.done = 0;
  tell();
}

void StepScope::progress(std::uint64_t done) {
  if (done <= now_.done || done > now_.total) return;
  now_.done = done;
  const double inside =
      before_part_ + part_weight_ * static_cast<double>(done) / static_cast<double>(now_.total);
  voice_.meter_.reach(voice_.finished_ + std::min(weight_, inside));
  tell();
}

void StepScope::tell() {
  now_.share = voice_.meter_.share();
  voice_.say(now_);
}

double erase_weight() { return 1000; }

double write_weight(std::uint64_t bytes) { return static_cast<double>(bytes) * 0.0047; }

double read_weight(std::uint64_t bytes) { return static_cast<double>(bytes) / 1000.0; }

}  // namespace work
