// SPDX-License-Identifier: GPL-3.0-or-later
//
// The board in its slot: it comes and goes, the lead says something, time passes. What is done with
// it is in slot_job.cpp.
#include "station/slot.h"

#include "station/slot_turn.h"

namespace station {

using base::Instant;
using records::Outcome;

// --- the board comes and goes ---

void Turn::on(const Plugged& event) {
  const bool was_away = !slot_.present && long_gone();
  const bool told_more = slot_.present;
  const bool other = is_other(slot_.guest, event.guest) ||
                     (slot_.tells_id && event.guest.id.empty() && !told_more);
  slot_.present = true;
  slot_.gone_at.reset();
  if (!told_more || !event.guest.id.empty()) slot_.tells_id = !event.guest.id.empty();
  if (told_more && !other) return learn_more(event.guest);
  switch (slot_.state) {
    case SlotState::off:
      slot_.guest = event.guest;
      return;
    case SlotState::empty:
      return begin(event.guest);
    case SlotState::pulled:
      return come_back(event.guest);
    case SlotState::retrying:
      // Between two jobs of an insertion it may start by itself; after its hub fell it is
      // awaited.
      if (slot_.hub) come_back(event.guest);
      return;
    case SlotState::seen:
    case SlotState::asking:
      if (other) return begin_anew(event.guest);
      learn(event.guest);
      // The answer came while it was away for a moment.
      if (slot_.state == SlotState::asking && !slot_.busy && !slot_.waiting) ask();
      return;
    case SlotState::working:
    case SlotState::needs_hand:
      if (slot_.closed_as) {
        if (was_away || other) slot_.next_guest = event.guest;
      } else if (slot_.ended) {
        end_of(*slot_.ended, other ? std::optional(event.guest) : std::nullopt);
      }
      return;
    case SlotState::pass:
    case SlotState::done_already: {
      const bool same = !event.guest.id.empty() || std::exchange(slot_.restart_due, false);
      if (other || !same) return begin_anew(event.guest);
      return;
    }
    case SlotState::fail:
    case SlotState::hold:
      if (slot_.unseen || is_other(slot_.guest, event.guest)) return begin_anew(event.guest);
      return;
  }
}

void Turn::learn_more(const Guest& guest) {
  if (slot_.state == SlotState::seen || slot_.state == SlotState::asking ||
      slot_.state == SlotState::off) {
    learn(guest);
  }
}

void Turn::on(const Unplugged& event) {
  if (!slot_.present) return;
  slot_.present = false;
  slot_.gone_at = now_;
  switch (slot_.state) {
    case SlotState::off:
    case SlotState::empty:
      slot_.gone_at.reset();
      return;
    case SlotState::seen:
      return vacate();  // bounced: not an insertion
    case SlotState::working:
    case SlotState::needs_hand:
      if (event.restarted || slot_.may_restart || slot_.ended || slot_.closed_as) return;
      slot_.pulled = true;
      to(SlotState::pulled);
      say("pulled", "", "pulled out while it was worked on: put it back");
      if (slot_.busy) act(Cancel{});
      return;
    default:
      return;
  }
}

void Turn::on(const HubFell&) {
  if (!slot_.pulled || slot_.closing || slot_.closed_as) return;
  slot_.hub = true;
  say("hub", "", "its hub fell: it is worked on again when it is back");
  if (slot_.retried_for_hub) {
    say("hub", "", "its hub fell twice: the hub and its power want a look");
  } else {
    to(SlotState::retrying);
  }
  settle_pulled();
}

// --- the lead ---

void Turn::on(const Switched& event) {
  slot_.off_wanted = !event.on;
  slot_.off_message = event.message;
  if (!event.on) {
    if (slot_.state == SlotState::empty || (slot_.state == SlotState::pulled && !holds_work())) {
      vacate();
    }
    return;
  }
  if (slot_.state != SlotState::off) return;
  if (slot_.present) return begin(slot_.guest);
  to(SlotState::empty);
  say("", "", "");
}

void Turn::on(const Again&) {
  if (!is_latched(slot_.state) || !slot_.present || slot_.busy || holds_work()) return;
  remember();
  begin(slot_.guest);
  slot_.asked_again = true;
}

void Turn::on(const TakenUpElsewhere&) {
  const bool awaited =
      slot_.state == SlotState::pulled || (slot_.state == SlotState::retrying && slot_.hub);
  if (awaited && !slot_.present && !slot_.busy && !holds_work()) vacate();
}

void Turn::on(const Tick&) {
  if (slot_.pulled) settle_pulled();
  if (slot_.state == SlotState::seen && !slot_.busy && now_ >= slot_.since + rules_.settle) {
    to(SlotState::asking);
    return ask();
  }
  if (slot_.present || !long_gone()) return;
  switch (slot_.state) {
    case SlotState::asking:
      if (!slot_.busy) return leave_early();
      slot_.gone_at.reset();  // once; the answer ends it
      return act(Cancel{});
    case SlotState::working:
    case SlotState::needs_hand:
      if (slot_.ended && !slot_.closing && slot_.ended->good) {
        close(Outcome::aborted, "pulled-early", "pulled out before it had passed");
      }
      return;
    case SlotState::pass:
    case SlotState::fail:
    case SlotState::done_already:
    case SlotState::hold:
      if (!slot_.unseen && !slot_.closing) vacate();
      return;
    default:
      return;
  }
}

// --- pieces ---

bool Turn::long_gone() const {
  return !slot_.present && (!slot_.gone_at || now_ >= *slot_.gone_at + rules_.leave_after);
}

bool Turn::pulled_for_good() const {
  return !slot_.gone_at || now_ >= *slot_.gone_at + rules_.hub_window;
}

bool Turn::holds_work() const {
  return slot_.closing || slot_.ended.has_value() || (slot_.busy && !slot_.closed_as);
}

void Turn::learn(const Guest& guest) {
  if (!guest.id.empty()) slot_.guest = guest;
}

void Turn::to(SlotState state) {
  if (slot_.state == state) return;
  slot_.state = state;
  slot_.since = now_;
}

void Turn::say(std::string code, std::string short_code, std::string message) {
  slot_.code = std::move(code);
  slot_.short_code = std::move(short_code);
  slot_.message = std::move(message);
}

void Turn::latch(SlotState state, std::string code, std::string short_code, std::string message) {
  to(state);
  say(std::move(code), std::move(short_code), std::move(message));
  // What does not come back to the bus may well be there: somebody has to see that it failed.
  slot_.unseen = !slot_.present && state == SlotState::fail;
  if (slot_.present && slot_.next_guest) begin_anew(*slot_.next_guest);
}

void Turn::act(SlotAction action) { actions_.push_back(std::move(action)); }

void Turn::remember() {
  if (slot_.state == SlotState::empty || slot_.state == SlotState::off) return;
  slot_.last = Slot::Before{slot_.state, slot_.guest.id, slot_.job, slot_.code};
}

void Turn::begin(const Guest& guest) {
  Slot fresh;
  fresh.present = true;
  fresh.guest = guest;
  fresh.tells_id = !guest.id.empty();
  fresh.busy = slot_.busy;  // a hook of the one before may still run
  fresh.off_wanted = slot_.off_wanted;
  fresh.off_message = std::move(slot_.off_message);
  fresh.last = std::move(slot_.last);
  fresh.state = fresh.off_wanted ? SlotState::off : SlotState::seen;
  if (fresh.off_wanted) fresh.message = fresh.off_message;
  fresh.since = now_;
  slot_ = std::move(fresh);
}

void Turn::begin_anew(const Guest& guest) {
  if (slot_.state == SlotState::asking) act(Account{"left-early", slot_.guest.id});
  remember();
  begin(guest);
}

void Turn::come_back(const Guest& guest) {
  if (holds_work()) {
    slot_.next_guest = guest;
    return settle_pulled();
  }
  const bool hub = slot_.hub;
  if (hub && slot_.retried_for_hub) {
    slot_.next_guest.reset();
    return latch(SlotState::hold, "hub", "", slot_.message);
  }
  remember();
  begin(guest);
  slot_.retried_for_hub = hub;
}

void Turn::vacate() {
  Slot fresh;
  if (slot_.state != SlotState::seen) remember();
  fresh.last = std::move(slot_.last);
  fresh.busy = slot_.busy;
  fresh.off_wanted = slot_.off_wanted;
  fresh.off_message = std::move(slot_.off_message);
  fresh.state = fresh.off_wanted ? SlotState::off : SlotState::empty;
  if (fresh.off_wanted) fresh.message = fresh.off_message;
  fresh.since = now_;
  slot_ = std::move(fresh);
}

void Turn::leave_early() {
  act(Account{"left-early", slot_.guest.id});
  vacate();
}

bool is_other(const Guest& before, const Guest& now) {
  return !before.id.empty() && !now.id.empty() && before.id != now.id;
}

Step next(const Slot& slot, const SlotEvent& event, Instant now, const SlotRules& rules) {
  return Turn(slot, now, rules).take(event);
}

std::optional<Instant> tick_at(const Slot& slot, const SlotRules& rules) {
  if (slot.state == SlotState::seen) {
    return slot.busy ? std::nullopt : std::optional(slot.since + rules.settle);
  }
  if (slot.present || !slot.gone_at || slot.closing) return std::nullopt;
  if (slot.pulled && !slot.closed_as) {
    return slot.busy ? std::nullopt : std::optional(*slot.gone_at + rules.hub_window);
  }
  switch (slot.state) {
    case SlotState::working:
      if (!slot.ended || !slot.ended->good) return std::nullopt;
      break;
    case SlotState::pass:
    case SlotState::fail:
    case SlotState::done_already:
    case SlotState::hold:
      if (slot.unseen) return std::nullopt;
      break;
    case SlotState::asking:
      break;
    default:
      return std::nullopt;
  }
  return *slot.gone_at + rules.leave_after;
}

}  // namespace station
