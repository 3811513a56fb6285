// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How work on a device speaks to events::Sink: steps that always end, and a progress of the whole
// job that never falls.

#include "base/result.h"
#include "events/event.h"

#include <string>

namespace work {

// How far a job is. What is still to be done is told in weights (milliseconds on the device's own
// clock) and may change on the way: then the rest of the bar stands for the new rest.
class Meter {
 public:
  // From here on so much is to be done.
  void expect(double weight);
  // So much of that is done. Less than before is passed over.
  void reach(double done);
  double share() const { return share_; }
  void finish() { share_ = 1; }

 private:
  double share_ = 0;
  double begun_at_ = 0;
  double expected_ = 0;
};

class Voice {
 public:
  Voice(events::Sink& sink, std::string device) : sink_(sink), device_(std::move(device)) {}
  Voice(const Voice&) = delete;
  Voice& operator=(const Voice&) = delete;

  void say(const events::Event& event) { sink_.on(device_, event); }
  void note(std::string text, int detail);
  void retry(const events::Retrying& retrying) { say(retrying); }
  void person(events::Action action, std::string what, base::Micros within);

  // The weight of all the steps that are still to come.
  void expect(double weight);
  // Everything is done.
  void finish();

 private:
  friend class StepScope;
  events::Sink& sink_;
  std::string device_;
  Meter meter_;
  double finished_ = 0;  // weight of the finished steps since expect()
};

// A step, from construction to destruction. Bad unless said to be good.
class StepScope {
 public:
  StepScope(Voice& voice, events::StepStarted step);
  ~StepScope();
  StepScope(const StepScope&) = delete;
  StepScope& operator=(const StepScope&) = delete;

  // Its next part: `total` bytes, and of the step's weight so much. A part that is done again takes
  // its old place.
  void part(events::Part part, std::uint64_t total, double weight);
  // Bytes of the part. Less than before, or more than its total, is passed over.
  void progress(std::uint64_t done);
  void good() { good_ = true; }
  Voice& voice() { return voice_; }

 private:
  void tell();

  Voice& voice_;
  double weight_;
  events::Progress now_;
  double before_part_ = 0;  // weight of the parts before this one
  double part_weight_ = 0;
  bool good_ = false;
};

// Milliseconds on the device's own clock (typical values of the STM32F205's datasheet; the wire is
// full speed USB).
double erase_weight();  // of a sector of 128 KiB
double write_weight(std::uint64_t bytes);
double read_weight(std::uint64_t bytes);

}  // namespace work
