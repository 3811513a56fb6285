// SPDX-License-Identifier: GPL-3.0-or-later
//
// What goes into the machine, and what it makes of it.

#include "ota/advice.h"
#include "ota/machine.h"
#include "platform/platform.h"

#include <fmt/format.h>

#include <algorithm>

namespace ota {
namespace {

bool waits(Phase phase) {
  return phase == Phase::look || phase == Phase::ping || phase == Phase::mark ||
         phase == Phase::ready || phase == Phase::absent;
}

}  // namespace

void Machine::hear(const cloud::Event& event, base::Instant now) {
  if (std::holds_alternative<cloud::Healer>(event.what)) {
    // It names no device. Whoever is about to send looks first whether the healer does.
    if (waits(phase_)) hold_ = std::max(hold_, now + 3 * times_.others);
    return;
  }
  const bool ours = (phase_ == Phase::send && sent_) || phase_ == Phase::back;
  if (!ear_.note(event, now, ours, seen_)) return;
  if (const auto* updates = std::get_if<cloud::UpdatesEnabled>(&event.what)) {
    refuses_updates_ = !updates->enabled;
  }
  if (std::holds_alternative<cloud::Offline>(event.what)) {
    result_.online = false;
    return;
  }
  if (std::holds_alternative<cloud::Other>(event.what)) return;
  result_.online = true;
  heard_at_ = now;
  if (std::holds_alternative<cloud::Online>(event.what)) looked_at_.reset();
  if (seen_.others && waits(phase_)) return enter(Phase::others, now);
  if (phase_ == Phase::absent) {
    // It is there. In safe mode it says next what is installed.
    looked_at_.reset();
    hold_ = now + times_.others;
    enter(Phase::look, now);
  }
}

void Machine::stream(bool ready, base::Instant now) {
  stream_ = ready;
  if (!ready) {
    seen_.gap = true;
    gap_asked_ = false;
    return;
  }
  if (!seen_.gap) return;
  looked_at_.reset();
  if (phase_ == Phase::absent) enter(Phase::look, now);
}

void Machine::retry(const cloud::Failure& failure, const std::string& what, base::Instant now) {
  const base::Error error = cloud::error_of(failure, what);
  switch (failure.kind) {
    case cloud::Trouble::token:
      return end(Verdict::failed, error.message, now, error);
    case cloud::Trouble::limit:
      hold_ = now + failure.retry_after.value_or(times_.pause * (1 << std::min(questions_, 5)));
      if (++questions_ <= kMostQuestions) return;
      return end(Verdict::failed, error.message, now, error);
    case cloud::Trouble::unreachable:
    case cloud::Trouble::unknown:
      hold_ = now + times_.retry * (1 << std::min(questions_, 5));
      if (++questions_ <= kMostQuestions) return;
      return end(Verdict::failed, error.message, now, error);
    default:
      return end(failure.kind == cloud::Trouble::refused ? Verdict::refused : Verdict::failed,
                 error.message, now, error);
  }
}

void Machine::answer(const cloud::Answer<cloud::Device>& answer, base::Instant now) {
  outstanding_ = false;
  if (over()) return;
  if (!answer) return retry(answer.failure(), "asking for the device", now);
  questions_ = 0;
  device_ = *answer;
  looked_at_ = now;
  result_.name = device_->name;
  if (result_.system_before.empty()) result_.system_before = device_->system_version;
  result_.system_after = device_->system_version;
  if (!result_.online) result_.online = device_->online;
  if (device_->updates_enabled) {
    refuses_updates_ = !*device_->updates_enabled && device_->updates_forced != true;
  }
}

void Machine::answer(const cloud::Answer<cloud::Ping>& answer, base::Instant now) {
  outstanding_ = false;
  if (over()) return;
  if (answer) {
    pinged_ = answer->online;
    questions_ = 0;
    return;
  }
  switch (answer.failure().kind) {
    case cloud::Trouble::token:
    case cloud::Trouble::limit:
      return retry(answer.failure(), "asking the device itself", now);
    case cloud::Trouble::unreachable:
    case cloud::Trouble::unknown:
      if (questions_ < 2) return retry(answer.failure(), "asking the device itself", now);
      break;
    default:
      break;
  }
  // The token may do all but this, or the server has no such thing: what the cloud believes has to
  // do before anything is sent. After a part it would be taken for a device that has come back.
  pinged_ = phase_ != Phase::back && device_ && device_->online == true;
}

void Machine::answer(const cloud::Answer<cloud::Development>& answer, base::Instant now) {
  outstanding_ = false;
  if (over()) return;
  const bool restoring = phase_ == Phase::restore;
  if (answer) {
    questions_ = 0;
    if (device_) device_->development = answer->development;
    if (restoring && !answer->development) {
      record_.restore_development = false;
      record_changed_ = true;
    }
    return;
  }
  if (!restoring) return retry(answer.failure(), "setting the development flag", now);
  const cloud::Trouble kind = answer.failure().kind;
  const bool again = kind != cloud::Trouble::token && kind != cloud::Trouble::right;
  if (again && ++questions_ <= 3) {
    hold_ = now + answer.failure().retry_after.value_or(times_.retry * questions_);
    return;
  }
  const base::Error why = cloud::error_of(answer.failure(), "restoring the development flag");
  result_.reasons.push_back(why.message);
  left_set();
  finish();
}

void Machine::answer(const cloud::Answer<cloud::FlashAnswer>& answer, base::Instant now) {
  outstanding_ = false;
  // Events have told more than it can.
  if (phase_ != Phase::send) return;
  if (!answer) {
    // Nothing was begun.
    sent_ = false;
    --part_->attempts;
    --parts_sent_;
    record_.pending.reset();
    --record_.attempts[{part_->module.id(), part_->module.version()}];
    record_changed_ = true;
    // Looks between them are answered well.
    questions_ = unsent_++;
    retry(answer.failure(), fmt::format("sending {}", platform::describe(part_->module.id())), now);
    if (phase_ == Phase::send) {
      looked_at_.reset();
      phase_ = Phase::ready;
    }
    return;
  }
  unsent_ = 0;
  const std::string words = answer->text.empty() ? std::string() : ": " + answer->text;
  switch (answer->how) {
    case cloud::Flash::started:
    case cloud::Flash::unknown:
      sent_at_ = now;
      return enter(Phase::back, now);
    case cloud::Flash::refused:
    case cloud::Flash::nothing:
      part_->outcome = "refused by the cloud" + words;
      result_.sent.push_back(*part_);
      record_.pending.reset();
      record_changed_ = true;
      return end(Verdict::refused, "the cloud does not send it" + words, now,
                 base::make_error(base::Errc::refused, "cloud-refused",
                                  fmt::format("the cloud does not send {}{}",
                                              platform::describe(part_->module.id()), words),
                                  {}));
    case cloud::Flash::busy:
    case cloud::Flash::not_connected:
      break;
  }
  record_.pending.reset();
  record_changed_ = true;
  --parts_sent_;
  --part_->attempts;
  --record_.attempts[{part_->module.id(), part_->module.version()}];
  if (answer->how == cloud::Flash::busy) {
    // Their transfer began before anybody told of it.
    seen_.others = true;
    return enter(Phase::others, now);
  }
  result_.online = false;
  looked_at_.reset();
  if (!absent_since_) absent_since_ = now;
  if (++not_connected_ > kMostAttempts) absent_since_ = now - times_.back;
  enter(Phase::absent, now);
}

void Machine::stop(const base::Error& why, base::Instant now) {
  outstanding_ = false;
  if (over() || phase_ == Phase::restore) return;
  if (phase_ == Phase::idle) begun_ = now;
  if (under_way() != nullptr && sent_) {
    result_.reasons.push_back(fmt::format("{} is on its way; the next run asks what became of it",
                                          platform::describe(part_->module.id())));
    result_.sent.push_back(*part_);
  }
  end(Verdict::failed, why.message, now, why);
}

bool Machine::acceptable(base::Instant now) {
  const auto refused = [&](const char* id, const std::string& why, std::string hint) {
    end(Verdict::refused, why, now,
        base::make_error(base::Errc::refused, id, why, std::move(hint)));
    return false;
  };
  if (device_->platform != platform::electron().id) {
    return refused("not-an-electron", "the cloud does not say that this is an Electron",
                   "check the device id");
  }
  if (device_->quarantined || device_->denied) {
    return refused("device-quarantined",
                   device_->denied ? "the product denies this device the cloud"
                                   : "the product holds this device in quarantine",
                   "approve it in the web console, then run the same command again");
  }
  if (product_.empty() && device_->in_product()) {
    return refused("device-in-product",
                   fmt::format("the device belongs to product {}", *device_->product),
                   fmt::format("run the same command with --product {}", *device_->product));
  }
  if (!product_.empty() && !device_->in_product() && device_->product) {
    return refused("device-in-product", "the device belongs to no product",
                   "run the same command without --product");
  }
  return true;
}

bool Machine::started_anew() const {
  return device_ && !handshake_.empty() && device_->last_handshake != handshake_;
}

void Machine::end(Verdict verdict, std::string reason, base::Instant now,
                  std::optional<base::Error> error) {
  result_.verdict = verdict;
  result_.took = now - begun_;
  if (!reason.empty()) result_.reasons.push_back(std::move(reason));
  result_.error = std::move(error);
  if (verdict == Verdict::refused || verdict == Verdict::undetermined) {
    if (!result_.error) {
      result_.error =
          base::make_error(verdict == Verdict::refused ? base::Errc::refused : base::Errc::not_back,
                           "not-proved", result_.reasons.back(), {});
    }
    advise(result_, belief_, wish_);
  }
  hold_ = now;
  enter(Phase::restore, now);
}

}  // namespace ota
