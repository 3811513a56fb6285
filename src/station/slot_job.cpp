// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is done with the board in a slot: asked, worked on, closed, shown.
#include "report/exit_code.h"
#include "station/slot_turn.h"

#include <algorithm>

namespace station {

using base::Instant;
using records::Outcome;

// --- asking ---

void Turn::on(const Decided& event) {
  slot_.busy = false;
  if (slot_.state != SlotState::asking) return resume();
  slot_.waiting = false;
  if (!slot_.present) {
    if (long_gone()) leave_early();
    return;  // asked again if it is back soon
  }
  learn(event.guest);
  switch (event.what) {
    case Decided::What::wait:
      slot_.waiting = true;
      return say(event.code, "", event.message);
    case Decided::What::hold:
      act(Account{"held", event.code + ": " + event.message});
      return latch(SlotState::hold, event.code, "", event.message);
    case Decided::What::done_already:
      act(Account{"seen-again", event.guest.id});
      slot_.restart_due = event.guest.by == records::IdentityBy::listening;
      return latch(SlotState::done_already, event.code, "", event.message);
    case Decided::What::work:
      slot_.kind = event.kind;
      slot_.tries = event.tries;
      slot_.attempt = 0;
      return start();
  }
}

void Turn::on(const Reconsider&) {
  if (slot_.state == SlotState::asking && slot_.waiting && slot_.present) ask();
}

// --- working ---

void Turn::on(const CannotStart& event) {
  if (slot_.state != SlotState::working) return;
  slot_.busy = false;
  act(Account{"held", event.code + ": " + event.message});
  latch(SlotState::hold, event.code, "", event.message);
}

void Turn::on(const Started& event) { slot_.job = event.job; }

void Turn::on(const Advanced& event) {
  if (slot_.state == SlotState::needs_hand) to(SlotState::working);
  if (slot_.state != SlotState::working) return;
  slot_.phase = event.phase;
  slot_.share = std::max(slot_.share, event.share);
  slot_.may_restart = event.may_restart;
  say("", "", "");
}

void Turn::on(const HandWanted& event) {
  if (slot_.state != SlotState::working && slot_.state != SlotState::needs_hand) return;
  to(SlotState::needs_hand);
  // Who presses RESET or replugs makes it leave the bus.
  slot_.may_restart = true;
  say("needs-hand", "", event.message);
}

void Turn::on(const Ended& event) {
  slot_.busy = false;
  if (slot_.closing) return;
  slot_.ended = event.end;
  if (slot_.pulled) return settle_pulled();
  if (slot_.state != SlotState::working && slot_.state != SlotState::needs_hand) return;
  to(SlotState::working);
  if (!slot_.present && event.end.good) return;  // it may be back at once
  end_of(event.end, std::nullopt);
}

void Turn::end_of(const JobEnd& end, const std::optional<Guest>& back) {
  if (back) {
    // Whoever is here now begins when the row of the other one is closed.
    slot_.next_guest = *back;
    return close(Outcome::aborted, end.good ? "pulled-early" : "swapped",
                 "another board was put into its place");
  }
  if (!end.guest.id.empty()) slot_.guest = end.guest;
  if (end.good) return close(Outcome::pass, "", "");
  if (end.code == "another-device") {
    return close(Outcome::aborted, "swapped", "another board was put into its place");
  }
  if (end.exit_code == report::kInterrupted) {
    return close(Outcome::aborted, "interrupted", end.message);
  }
  if (!slot_.present && end.was_back) {
    return close(Outcome::aborted, "pulled-early", "pulled out before it had passed");
  }
  const bool again = slot_.present && slot_.attempt < slot_.tries &&
                     (end.exit_code == report::kDeviceError || end.exit_code == report::kMismatch);
  close(Outcome::fail, end.code, end.message, !again);
}

void Turn::settle_pulled() {
  if (slot_.busy || slot_.closing || slot_.closed_as) return;
  if (slot_.hub) return close(Outcome::lost, "hub", slot_.message, slot_.retried_for_hub, false);
  if (!pulled_for_good()) return;
  close(Outcome::aborted, "pulled", "pulled out while it was worked on");
}

void Turn::on(const Closed& event) {
  if (!slot_.closing || !slot_.closed_as) return;
  slot_.closing = false;
  const Close was = *slot_.closed_as;
  const JobEnd end = slot_.ended.value_or(JobEnd{});
  slot_.ended.reset();
  if (!event.good) return no_record(event.message);
  slot_.hook_due = was.outcome == Outcome::pass;
  if (was.final) {
    slot_.busy = true;
    act(RunResultHook{});
  }
  if (was.outcome == Outcome::pass) return;  // shown when the hook agrees
  after(was, end);
}

void Turn::after(const Close& was, const JobEnd& end) {
  if (!was.final && !slot_.hub) {
    to(SlotState::retrying);
    return start();
  }
  if (was.outcome == Outcome::fail) {
    return latch(SlotState::fail, was.code, end.short_code, was.message);
  }
  if (was.code == "interrupted") return latch(SlotState::hold, was.code, "", was.message);
  if (was.code == "swapped" || (was.code == "pulled-early" && slot_.present)) {
    return begin_anew(slot_.next_guest.value_or(Guest{}));
  }
  if (!slot_.hub) {
    to(SlotState::pulled);
    say(was.code, "", "pulled out: put it back");
  }
  if (slot_.present) come_back(slot_.next_guest.value_or(slot_.guest));
}

void Turn::on(const HookEnded& event) {
  slot_.busy = false;
  if (!std::exchange(slot_.hook_due, false)) return resume();
  if (event.hold) {
    latch(SlotState::hold, "hook", "", event.message);
  } else {
    latch(SlotState::pass, "", "", event.message);
  }
}

void Turn::on(const Idle&) {
  slot_.busy = false;
  resume();
}

void Turn::resume() {
  if (slot_.pulled) return settle_pulled();
  if (slot_.state != SlotState::asking || slot_.waiting || slot_.busy) return;
  if (slot_.present) return ask();
  if (long_gone()) leave_early();
}

void Turn::ask() {
  slot_.busy = true;
  slot_.waiting = false;
  say("", "", "");
  act(Ask{slot_.asked_again});
}

void Turn::start() {
  ++slot_.attempt;
  slot_.busy = true;
  slot_.phase.clear();
  slot_.share = 0;
  slot_.may_restart = false;
  slot_.ended.reset();
  slot_.closed_as.reset();
  to(SlotState::working);
  say("", "", "");
  act(Start{slot_.kind, slot_.attempt});
}

void Turn::close(Outcome outcome, std::string code, std::string message, bool final, bool counts) {
  slot_.closing = true;
  if (slot_.state != SlotState::pulled && slot_.state != SlotState::retrying) {
    to(SlotState::working);
    slot_.phase = "recording";
  }
  slot_.closed_as = Close{outcome, std::move(code), std::move(message), final, counts};
  act(*slot_.closed_as);
}

void Turn::no_record(const std::string& message) {
  latch(SlotState::fail, "no-record", "",
        message.empty() ? "its record could not be written" : message);
}

}  // namespace station
