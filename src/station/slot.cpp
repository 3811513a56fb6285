// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/slot.h"

#include "report/exit_code.h"

#include <algorithm>
#include <utility>

namespace station {
namespace {

using base::Instant;
using records::Outcome;

// One step of one slot.
class Turn {
 public:
  Turn(const Slot& slot, Instant now, const SlotRules& rules)
      : slot_(slot), now_(now), rules_(rules) {}

  Step take(const SlotEvent& event) {
    std::visit([this](const auto& what) { on(what); }, event);
    return {std::move(slot_), std::move(actions_)};
  }

 private:
  // --- the board comes and goes ---

  void on(const Plugged& event) {
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

  // No arrival: the system has found out more about it.
  void learn_more(const Guest& guest) {
    if (slot_.state == SlotState::seen || slot_.state == SlotState::asking ||
        slot_.state == SlotState::off) {
      learn(guest);
    }
  }

  void on(const Unplugged&) {
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
        if (slot_.may_restart || slot_.ended || slot_.closed_as) return;
        slot_.pulled = true;
        to(SlotState::pulled);
        say("pulled", "", "pulled out while it was worked on: put it back");
        if (slot_.busy) act(Cancel{});
        return;
      default:
        return;
    }
  }

  void on(const HubFell&) {
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

  // --- asking ---

  void on(const Decided& event) {
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

  void on(const Reconsider&) {
    if (slot_.state == SlotState::asking && slot_.waiting && slot_.present) ask();
  }

  // --- working ---

  void on(const CannotStart& event) {
    if (slot_.state != SlotState::working) return;
    slot_.busy = false;
    act(Account{"held", event.code + ": " + event.message});
    latch(SlotState::hold, event.code, "", event.message);
  }

  void on(const Started& event) { slot_.job = event.job; }

  void on(const Advanced& event) {
    if (slot_.state == SlotState::needs_hand) to(SlotState::working);
    if (slot_.state != SlotState::working) return;
    slot_.phase = event.phase;
    slot_.share = std::max(slot_.share, event.share);
    slot_.may_restart = event.may_restart;
    say("", "", "");
  }

  void on(const HandWanted& event) {
    if (slot_.state != SlotState::working && slot_.state != SlotState::needs_hand) return;
    to(SlotState::needs_hand);
    // Who presses RESET or replugs makes it leave the bus.
    slot_.may_restart = true;
    say("needs-hand", "", event.message);
  }

  void on(const Ended& event) {
    slot_.busy = false;
    if (slot_.closing) return;
    slot_.ended = event.end;
    if (slot_.pulled) return settle_pulled();
    if (slot_.state != SlotState::working && slot_.state != SlotState::needs_hand) return;
    to(SlotState::working);
    if (!slot_.present && event.end.good) return;  // it may be back at once
    end_of(event.end, std::nullopt);
  }

  // The job is over. `back`: another one that came meanwhile.
  void end_of(const JobEnd& end, const std::optional<Guest>& back) {
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
    const bool again =
        slot_.present && slot_.attempt < slot_.tries &&
        (end.exit_code == report::kDeviceError || end.exit_code == report::kMismatch);
    close(Outcome::fail, end.code, end.message, !again);
  }

  // A job whose board is out: what it was is known when the others of its hub have had their time.
  void settle_pulled() {
    if (slot_.busy || slot_.closing || slot_.closed_as) return;
    if (slot_.hub) return close(Outcome::lost, "hub", slot_.message, slot_.retried_for_hub, false);
    if (!pulled_for_good()) return;
    close(Outcome::aborted, "pulled", "pulled out while it was worked on");
  }

  void on(const Closed& event) {
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

  void after(const Close& was, const JobEnd& end) {
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

  void on(const HookEnded& event) {
    slot_.busy = false;
    if (!std::exchange(slot_.hook_due, false)) return resume();
    if (event.hold) {
      latch(SlotState::hold, "hook", "", event.message);
    } else {
      latch(SlotState::pass, "", "", event.message);
    }
  }

  void on(const Idle&) {
    slot_.busy = false;
    resume();
  }

  // What had to wait until nothing was under way.
  void resume() {
    if (slot_.pulled) return settle_pulled();
    if (slot_.state != SlotState::asking || slot_.waiting || slot_.busy) return;
    if (slot_.present) return ask();
    if (long_gone()) leave_early();
  }

  // --- the lead ---

  void on(const Switched& event) {
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

  void on(const Again&) {
    if (!is_latched(slot_.state) || !slot_.present || slot_.busy || holds_work()) return;
    remember();
    begin(slot_.guest);
    slot_.asked_again = true;
  }

  void on(const TakenUpElsewhere&) {
    const bool awaited =
        slot_.state == SlotState::pulled || (slot_.state == SlotState::retrying && slot_.hub);
    if (awaited && !slot_.present && !slot_.busy && !holds_work()) vacate();
  }

  void on(const Tick&) {
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

  bool long_gone() const {
    return !slot_.present && (!slot_.gone_at || now_ >= *slot_.gone_at + rules_.leave_after);
  }
  bool pulled_for_good() const {
    return !slot_.gone_at || now_ >= *slot_.gone_at + rules_.hub_window;
  }
  // A row of this slot is open.
  bool holds_work() const {
    return slot_.closing || slot_.ended.has_value() || (slot_.busy && !slot_.closed_as);
  }

  void learn(const Guest& guest) {
    if (!guest.id.empty()) slot_.guest = guest;
  }

  void to(SlotState state) {
    if (slot_.state == state) return;
    slot_.state = state;
    slot_.since = now_;
  }
  void say(std::string code, std::string short_code, std::string message) {
    slot_.code = std::move(code);
    slot_.short_code = std::move(short_code);
    slot_.message = std::move(message);
  }
  void latch(SlotState state, std::string code, std::string short_code, std::string message) {
    to(state);
    say(std::move(code), std::move(short_code), std::move(message));
    // What does not come back to the bus may well be there: somebody has to see that it failed.
    slot_.unseen = !slot_.present && state == SlotState::fail;
    if (slot_.present && slot_.next_guest) begin_anew(*slot_.next_guest);
  }
  void act(SlotAction action) { actions_.push_back(std::move(action)); }

  void ask() {
    slot_.busy = true;
    slot_.waiting = false;
    say("", "", "");
    act(Ask{slot_.asked_again});
  }

  void start() {
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

  void close(Outcome outcome, std::string code, std::string message, bool final = true,
             bool counts = true) {
    slot_.closing = true;
    if (slot_.state != SlotState::pulled && slot_.state != SlotState::retrying) {
      to(SlotState::working);
      slot_.phase = "recording";
    }
    slot_.closed_as = Close{outcome, std::move(code), std::move(message), final, counts};
    act(*slot_.closed_as);
  }

  void no_record(const std::string& message) {
    latch(SlotState::fail, "no-record", "",
          message.empty() ? "its record could not be written" : message);
  }

  void remember() {
    if (slot_.state == SlotState::empty || slot_.state == SlotState::off) return;
    slot_.last = Slot::Before{slot_.state, slot_.guest.id, slot_.job, slot_.code};
  }

  // A new insertion, in a slot that has nothing to remember.
  void begin(const Guest& guest) {
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
  void begin_anew(const Guest& guest) {
    if (slot_.state == SlotState::asking) act(Account{"left-early", slot_.guest.id});
    remember();
    begin(guest);
  }

  // The board that was pulled, or another one, is in the slot of the one that was.
  void come_back(const Guest& guest) {
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

  void vacate() {
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

  void leave_early() {
    act(Account{"left-early", slot_.guest.id});
    vacate();
  }

  Slot slot_;
  Instant now_;
  const SlotRules& rules_;
  std::vector<SlotAction> actions_;
};

}  // namespace

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
