// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/machine.h"

#include "ota/advice.h"

#include <fmt/format.h>

#include <algorithm>

namespace ota {
namespace {

using std::chrono::seconds;

// A look is as good as new for this long, where nothing was heard since.
constexpr auto kFresh = seconds(30);

}  // namespace

std::string_view name(Phase phase) {
  constexpr std::array<std::string_view, 12> kNames{"idle",    "look",   "ping",    "absent",
                                                    "mark",    "ready",  "send",    "back",
                                                    "verdict", "others", "restore", "over"};
  return kNames[static_cast<std::size_t>(phase)];
}

Machine::Machine(Record record, std::string product, const Wish& wish, const Times& times)
    : wish_(wish), times_(times), record_(std::move(record)), product_(std::move(product)) {
  result_.id = record_.device;
  result_.product = product_;
  record_.attempts.clear();  // each run has its own
  // What another wish left behind is of no use to this one, but for the flag.
  if (record_.target != wish.target.text()) {
    record_.target = wish.target.text();
    record_.from.clear();
    record_.unsure = false;
    record_.pending.reset();
    record_.proofs.clear();
  }
}

void Machine::begin(base::Instant now) {
  begun_ = now;
  enter(Phase::look, now);
}

std::optional<Wanted> Machine::next(base::Instant now) {
  wanted_.reset();
  for (;;) {
    wake_ = base::Instant::max();
    const Phase before = phase_;
    run_phase(now);
    if (wanted_ || phase_ == before) break;
  }
  outstanding_ = outstanding_ || wanted_.has_value();
  return wanted_;
}

void Machine::run_phase(base::Instant now) {
  switch (phase_) {
    case Phase::look:
      return look(now);
    case Phase::ping:
      return ping(now);
    case Phase::absent:
      return absent(now);
    case Phase::mark:
      return mark(now);
    case Phase::ready:
      return ready(now);
    case Phase::send:
      return send(now);
    case Phase::back:
      return back(now);
    case Phase::verdict:
      return verdict(now);
    case Phase::others:
      return others(now);
    case Phase::restore:
      return restore(now);
    case Phase::idle:
    case Phase::over:
      return;
  }
}

void Machine::enter(Phase phase, base::Instant now) {
  phase_ = phase;
  since_ = now;
  questions_ = 0;
}

void Machine::ask(Wanted wanted, base::Instant now) {
  if (outstanding_) return;
  if (now < hold_) return wait_until(hold_);
  wanted_ = std::move(wanted);
}

bool Machine::looked(base::Instant now) {
  if (looked_at_ && now - *looked_at_ < kFresh) return true;
  ask(Look{}, now);
  return false;
}

void Machine::look(base::Instant now) {
  if (!looked(now) || !acceptable(now)) return;
  believe();
  if (wish_.dry_run) {
    plan::Outcome outcome = plan_for(belief_, wish_);
    if (const auto* refusal = std::get_if<plan::Refusal>(&outcome)) return refuse(*refusal, now);
    result_.before = belief_;
    result_.plan = std::move(std::get<plan::Plan>(outcome));
    return end(Verdict::planned, {}, now);
  }
  pinged_.reset();
  enter(Phase::ping, now);
}

void Machine::ping(base::Instant now) {
  if (!pinged_) return ask(Ping{}, now);
  // The cloud asks for a while before it says no: what was heard in between says yes.
  if (heard_at_ && *heard_at_ >= since_) pinged_ = true;
  result_.online = *pinged_;
  if (!*pinged_) {
    if (!absent_since_) absent_since_ = now;
    return enter(Phase::absent, now);
  }
  absent_since_.reset();
  asked_late_ = false;
  enter(Phase::mark, now);
}

void Machine::absent(base::Instant now) {
  // hear() and stream() end the waiting. But from 0.6.0 to 1.4.0 a device of which nothing has
  // changed comes back without a word (facts, 5.2): it is asked now and then, and once more at the
  // end.
  const base::Instant until = *absent_since_ + times_.back;
  const bool late = now >= until;
  if (late && (asked_late_ || not_connected_ > kMostAttempts)) {
    return end(Verdict::offline, "the device was not there in time", now,
               base::make_error(base::Errc::device_gone, "device-offline",
                                "the device does not answer the cloud",
                                "power it where it has reception, then run the same command again; "
                                "a longer --wait waits for it"));
  }
  const base::Instant next = std::min(until, since_ + times_.silent);
  if (now < next) return wait_until(next);
  asked_late_ = late;
  looked_at_.reset();
  enter(Phase::look, now);
}

void Machine::mark(base::Instant now) {
  if (!product_.empty() && device_->development != true) {
    // Before it is asked: whoever stops us now, the next run restores it.
    if (!record_.restore_development) {
      record_.restore_development = true;
      record_.product = product_;
      record_changed_ = true;
    }
    return ask(Mark{true}, now);
  }
  if (!record_.pending) return enter(Phase::ready, now);
  // A part of an earlier run is not judged yet.
  const firmware::CheckedModule* file = file_for(record_.pending->part, wish_);
  if (file == nullptr) {
    record_.pending.reset();
    record_changed_ = true;
    return enter(Phase::ready, now);
  }
  part_ = Sent{*file, std::nullopt, 0, Proof::none, {}, {}};
  before_ = belief_;
  handshake_ = record_.pending->handshake;
  sent_at_ = now;
  seen_.gap = true;
  gap_asked_ = probed_ = asked_again_ = false;
  enter(Phase::back, now);
}

void Machine::ready(base::Instant now) {
  if (!stream_) return deaf(now);
  if (seen_.others) return enter(Phase::others, now);
  if (now < hold_) return wait_until(hold_);
  if (!looked(now) || !acceptable(now)) return;
  if (!product_.empty() && device_->development == false && record_.restore_development) {
    return end(Verdict::undetermined,
               "somebody has taken the development flag away meanwhile; nothing is sent against "
               "them",
               now);
  }
  if (refuses_updates_) {
    return end(Verdict::refused, "its application refuses updates over the air", now,
               base::make_error(base::Errc::refused, "updates-refused",
                                "the device's application refuses updates over the air", {}));
  }
  if (seen_.modules) {
    belief_ = told(*seen_.modules, wish_);
    seen_.modules.reset();
  }
  plan::Outcome outcome = plan_for(belief_, wish_);
  if (const auto* refusal = std::get_if<plan::Refusal>(&outcome)) return refuse(*refusal, now);
  auto& plan = std::get<plan::Plan>(outcome);
  const Next next = next_of(plan);
  if (!result_.plan) {
    result_.before = belief_;
    result_.plan = plan;
    for (const plan::Stage& stage : plan.stages) {
      parts_planned_ += static_cast<std::size_t>(
          std::ranges::count_if(stage.steps, [](const plan::Step& step) { return step.writes(); }));
    }
  }
  if (next.step == nullptr) return arrived(now);
  begin_part(next, now);
}

// Nothing is sent while nobody would hear what comes of it.
void Machine::deaf(base::Instant now) {
  const base::Instant until = since_ + times_.back;
  if (now < until) return wait_until(until);
  end(Verdict::failed, "the event stream has gone and does not come back", now,
      base::make_error(base::Errc::timeout, "no-events",
                       "the cloud's event stream has gone and does not come back",
                       "run the same command again later"));
}

void Machine::begin_part(const Next& next, base::Instant now) {
  const firmware::CheckedModule& module = *next.step->content.checked;
  if (std::string why = why_not_yet(module, belief_, record_.proofs); !why.empty()) {
    return end(Verdict::undetermined, std::move(why), now,
               base::make_error(base::Errc::not_back, "not-proved",
                                fmt::format("{} is not sent: what must be there before it is not "
                                            "proved over the air",
                                            platform::describe(module.id())),
                                "over USB everything is read back and proved"));
  }
  // Somebody may undo what is done here.
  if (parts_sent_ > parts_planned_ + kMostAttempts) {
    return end(Verdict::undetermined, "the device does not stay as it is left", now);
  }
  const PartKey key{module.id(), module.version()};
  if (!part_ || part_->module.id() != key.id || part_->module.version() != key.version) {
    part_ = Sent{module, next.stage->release, 0, Proof::none, {}, {}};
  }
  seen_ = Seen{};
  pinged_.reset();
  before_ = belief_;
  handshake_ = device_->last_handshake;
  if (record_.from.empty()) record_.from = device_->system_version;
  record_.pending = Pending{key, handshake_, {}};
  ++record_.attempts[key];
  record_changed_ = true;
  sent_ = gap_asked_ = probed_ = asked_again_ = false;
  enter(Phase::send, now);
}

void Machine::send(base::Instant now) {
  if (!sent_) {
    if (!stream_) return deaf(now);
    ask(Send{part_->module.shared_image(), file_name_of(part_->module)}, now);
    if (!wanted_) return;
    sent_ = true;
    sent_at_ = now;
    ++part_->attempts;
    ++parts_sent_;
    return;
  }
  if (seen_.started || seen_.success || seen_.online || seen_.modules) enter(Phase::back, now);
}

void Machine::back(base::Instant now) {
  if (seen_.modules) return enter(Phase::verdict, now);
  if (seen_.online) {
    const base::Instant until = *seen_.online + times_.modules;
    return now < until ? wait_until(until) : enter(Phase::verdict, now);
  }
  // What the stream did not tell while it was away.
  if (seen_.gap && stream_ && !gap_asked_) {
    if (!looked(now)) return;
    gap_asked_ = true;
    if (started_anew()) {
      seen_.online = now;
      return back(now);
    }
  }
  silent(now);
}

// Nothing says that it has started anew.
void Machine::silent(base::Instant now) {
  base::Instant until = sent_at_ + (seen_.gap || seen_.started ? times_.transfer : times_.started);
  if (seen_.failed && !seen_.success) until = *seen_.failed + times_.after_failed;
  if (seen_.success) {
    until = *seen_.success + (probed_ ? times_.back : times_.probe);
    if (seen_.ota_result == false) until = *seen_.success + times_.modules;
  }
  if (now < until) return wait_until(until);
  const bool probing = seen_.success && !probed_ && seen_.ota_result != false;
  if (probing && !pinged_) return ask(Ping{}, now);
  if (probing && !*pinged_) {
    probed_ = true;
    result_.online = false;
    return back(now);
  }
  if (!looked(now)) return;
  if (started_anew()) {
    seen_.online = now;
    return back(now);
  }
  if (probing) {
    // It answers, and has not started anew, or has resumed its session as if nothing had been.
    probed_ = true;
    result_.online = true;
  }
  enter(Phase::verdict, now);
}

void Machine::verdict(base::Instant now) {
  if (!seen_.modules && seen_.online && !looked(now)) return;
  Evidence evidence;
  evidence.part = &part_->module;
  evidence.before = before_;
  evidence.handshake = handshake_;
  evidence.seen = seen_;
  evidence.device = device_ ? &*device_ : nullptr;
  const Judged result = judge(evidence);
  if (result.fate == Fate::undetermined && seen_.online && !asked_again_) {
    // The cloud's copy may lag behind the event.
    asked_again_ = true;
    looked_at_.reset();
    hold_ = now + times_.modules;
    return wait_until(hold_);
  }
  judged(result, now);
}

void Machine::others(base::Instant now) {
  if (seen_.others) {
    if (++others_ > kMostQuestions) {
      return end(Verdict::undetermined, "somebody else keeps sending to the device", now);
    }
    seen_ = Seen{};
    seen_.started = true;
    since_ = now;
  }
  base::Instant until = since_ + times_.transfer;
  if (seen_.success) until = *seen_.success + times_.probe;
  if (seen_.failed && !seen_.success) until = *seen_.failed + times_.others;
  if (seen_.online) until = *seen_.online + times_.modules;
  if (!seen_.modules && now < until) return wait_until(until);
  // Whatever they sent, what was believed before is of no use now.
  belief_ = seen_.modules ? told(*seen_.modules, wish_) : Belief{};
  seen_ = Seen{};
  if (!record_.from.empty() && belief_.source != Source::device) {
    record_.proofs.clear();
    record_.unsure = true;
    record_changed_ = true;
  }
  looked_at_.reset();
  hold_ = now + times_.others;
  enter(Phase::look, now);
}

void Machine::restore(base::Instant now) {
  if (!record_.restore_development) return finish();
  // Also with a token that was not accepted: the flag matters more than one more refusal.
  ask(Mark{false}, now);
}

void Machine::left_set() {
  result_.development_left_set = true;
  if (result_.error) return;
  result_.error = base::make_error(
      base::Errc::device_gone, "development-left-set",
      "the device is done, and its development flag could not be restored",
      "run the same command again: it restores the flag; or do it in the web console");
}

void Machine::finish() {
  phase_ = Phase::over;
  const bool arrived =
      result_.verdict == Verdict::proved || result_.verdict == Verdict::done_already;
  // However else it ends, what was sent stays sent: without its record the next run would take a
  // half-done way for none, or for the whole of it.
  if (!arrived) return;
  record_.pending.reset();
  record_.proofs.clear();
  record_.attempts.clear();
  record_.from.clear();
  record_.unsure = false;
  record_changed_ = true;
}

const Sent* Machine::under_way() const {
  return part_ && (phase_ == Phase::send || phase_ == Phase::back) ? &*part_ : nullptr;
}

}  // namespace ota
