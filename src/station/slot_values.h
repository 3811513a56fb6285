// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the function of slot.h takes and gives: a slot, what may happen to it, and what it wants
// done.

#include "base/clock.h"
#include "records/row.h"
#include "station/status.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace station {

struct SlotRules {
  base::Micros settle = std::chrono::milliseconds(300);  // contacts bounce
  base::Micros leave_after = std::chrono::seconds(2);
  // Boards of one hub that leave within this time have not been pulled.
  base::Micros hub_window = std::chrono::seconds(2);
};

struct Guest {
  std::string id{};  // 24 hex digits; empty: it tells none
  records::IdentityBy by = records::IdentityBy::none;
  bool operator==(const Guest&) const = default;
};

// How a job ended, in the words of a slot.
struct JobEnd {
  bool good = false;
  int exit_code = 0;      // report::ExitCode
  std::string code{};     // error id
  std::string message{};  // one line
  std::string short_code{};
  // It was seen running again after the last byte was written: whoever pulls it now cannot harm it,
  // but it has not passed either.
  bool was_back = false;
  Guest guest{};  // as it told itself; empty: not told
};

// --- events ---
struct Plugged {
  Guest guest{};
};
struct Unplugged {
  bool restarted = false;  // the job has seen it again already
};
// The departure was one of several of one hub.
struct HubFell {};
struct Decided {
  enum class What { work, done_already, hold, wait };
  What what = What::work;
  records::Kind kind = records::Kind::work;
  int tries = 1;       // jobs in this insertion, at most
  std::string code{};  // of hold and wait
  std::string message{};
  Guest guest{};  // as it is known now
};
// What it waited for may be over.
struct Reconsider {};
// The row could not be opened: nothing was begun.
struct CannotStart {
  std::string code{};
  std::string message{};
};
struct Started {
  std::string job{};
};
struct Advanced {
  std::string phase{};
  double share = 0;
  bool may_restart = false;  // it leaves the bus by itself now
};
struct HandWanted {
  std::string message{};
};
struct Ended {
  JobEnd end;
};
// The row is closed, or could not be: then nothing passes.
struct Closed {
  bool good = false;
  std::string message{};
};
// The result hook of a pass has answered. A hook of another result changes nothing.
struct HookEnded {
  bool hold = false;
  std::string message{};
};
// Nothing is under way for this slot any more: a question, or a hook.
struct Idle {};
struct Switched {
  bool on = false;
  std::string message{};  // why off
};
struct Again {};
// The board that was pulled here has been taken up in another slot.
struct TakenUpElsewhere {};
struct Tick {};
using SlotEvent = std::variant<Plugged, Unplugged, HubFell, Decided, Reconsider, CannotStart,
                               Started, Advanced, HandWanted, Ended, Closed, HookEnded, Idle,
                               Switched, Again, TakenUpElsewhere, Tick>;

// --- actions ---
// Who is it, and what is to be done with it? Answered by Decided.
struct Ask {
  bool again = false;  // the lead wants it once more, whatever the records say
};
// Open a row, then work. Answered by Started or CannotStart, then Ended.
struct Start {
  records::Kind kind = records::Kind::work;
  int attempt = 1;
};
// End what is under way at once: the board is gone. It is answered all the same.
struct Cancel {};
// Close the row. Answered by Closed.
struct Close {
  records::Outcome outcome = records::Outcome::fail;
  std::string code{};
  std::string message{};
  bool final = true;   // no other try of this insertion follows
  bool counts = true;  // for the stop rules
};
struct RunResultHook {};
// It came and went, or was seen again, without a job: an act says so.
struct Account {
  std::string what{};  // "seen-again", "left-early", "held"
  std::string detail{};
};
using SlotAction = std::variant<Ask, Start, Cancel, Close, RunResultHook, Account>;

struct Slot {
  SlotState state = SlotState::empty;
  base::Instant since{};
  bool present = false;
  std::optional<base::Instant> gone_at;  // while it is not present and the slot is not empty
  Guest guest{};
  // Who came while there was still something to be finished for the one before.
  std::optional<Guest> next_guest;
  bool tells_id = false;     // it did so when it was enumerated last
  bool restart_due = false;  // it was asked in listening mode, which it leaves by a restart
  bool unseen = false;       // latched, and not on the bus: it may sit there all the same
  bool busy = false;         // a question, a job or a hook is under way
  bool asked_again = false;
  bool waiting = false;  // asking: decided, but something stands in the way
  records::Kind kind = records::Kind::work;
  int attempt = 0;
  int tries = 1;
  std::string job{};
  std::string phase{};
  double share = 0;
  bool may_restart = false;
  bool pulled = false;  // out while its job ran
  bool hub = false;     // and with others of its hub
  bool retried_for_hub = false;
  std::optional<JobEnd> ended;  // until its row is closed
  bool closing = false;
  bool hook_due = false;  // closed as pass, and a hook has yet to agree
  std::optional<Close> closed_as;
  std::string code{};
  std::string short_code{};
  std::string message{};
  bool off_wanted = false;
  std::string off_message{};
  struct Before {
    SlotState state = SlotState::empty;
    std::string device;
    std::string job;
    std::string code;
  };
  std::optional<Before> last;
};

struct Step {
  Slot slot;
  std::vector<SlotAction> actions;
};

}  // namespace station
