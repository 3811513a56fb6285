// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/slot.h"

#include "station/words.h"

#include <gtest/gtest.h>

namespace station {
namespace {

using records::Kind;
using records::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Guest kAnna{"aaaaaaaaaaaaaaaaaaaaaaaa", records::IdentityBy::descriptor};
const Guest kBert{"bbbbbbbbbbbbbbbbbbbbbbbb", records::IdentityBy::descriptor};
const Guest kNameless{};

// One slot, and what it wants done.
class OneSlot : public testing::Test {
 public:
  OneSlot& tell(const SlotEvent& event) {
    Step step = next(slot, event, now, rules);
    slot = std::move(step.slot);
    actions = std::move(step.actions);
    return *this;
  }
  // Time passes, with the ticks that the slot asks for.
  OneSlot& pass(base::Micros duration) {
    const base::Instant end = now + duration;
    std::vector<SlotAction> all;
    while (const auto at = tick_at(slot, rules)) {
      if (*at > end) break;
      now = std::max(now, *at);
      tell(Tick{});
      all.insert(all.end(), actions.begin(), actions.end());
      const auto next_at = tick_at(slot, rules);
      if (next_at && *next_at <= now && *next_at == *at) {
        ADD_FAILURE() << "a tick that changes nothing is asked for again";
        break;
      }
    }
    now = end;
    actions = std::move(all);
    return *this;
  }
  template <class Action>
  const Action* wants() const {
    for (const SlotAction& action : actions) {
      if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
  }

  void ask(const Guest& guest) {
    tell(Plugged{guest}).pass(milliseconds(300));
    ASSERT_TRUE(wants<Ask>());
  }
  void work(const Guest& guest, int tries = 1) {
    ask(guest);
    tell(Decided{.tries = tries, .guest = guest});
    ASSERT_TRUE(wants<Start>());
    tell(Started{"job-1"});
    tell(Advanced{"writing", 0.5, false});
  }
  void end(bool good, int exit_code = 6, const std::string& code = "usb-io") {
    JobEnd ended;
    ended.good = good;
    ended.exit_code = good ? 0 : exit_code;
    if (!good) ended.code = code;
    tell(Ended{ended});
  }
  void pass_it() {
    work(kAnna);
    end(true);
    tell(Closed{true, {}});
    tell(HookEnded{});
    ASSERT_EQ(slot.state, SlotState::pass);
  }

  Slot slot;
  SlotRules rules;
  base::Instant now{seconds(1000)};
  std::vector<SlotAction> actions;
};

TEST_F(OneSlot, aContactThatBouncesIsNoInsertion) {
  tell(Plugged{kAnna}).pass(milliseconds(100));
  EXPECT_EQ(slot.state, SlotState::seen);
  tell(Unplugged{}).pass(seconds(5));
  EXPECT_EQ(slot.state, SlotState::empty);
  EXPECT_TRUE(actions.empty());
}

TEST_F(OneSlot, passIsShownOnlyWhenTheRowIsClosedAndTheHookAgrees) {
  work(kAnna);
  end(true);
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->outcome, Outcome::pass);
  EXPECT_EQ(slot.state, SlotState::working);
  tell(Closed{true, {}});
  EXPECT_TRUE(wants<RunResultHook>());
  EXPECT_EQ(slot.state, SlotState::working);
  tell(HookEnded{});
  EXPECT_EQ(slot.state, SlotState::pass);
}

TEST_F(OneSlot, aRowThatCannotBeClosedIsNeverAPass) {
  work(kAnna);
  end(true);
  tell(Closed{false, "the disk is full"});
  EXPECT_EQ(slot.state, SlotState::fail);
  EXPECT_EQ(word_of(slot), "FAIL · NO RECORD");
}

TEST_F(OneSlot, aHookThatDoesNotAgreeHoldsTheBoard) {
  work(kAnna);
  end(true);
  tell(Closed{true, {}}).tell(HookEnded{true, "MES says no"});
  EXPECT_EQ(slot.state, SlotState::hold);
  EXPECT_EQ(slot.message, "MES says no");
}

TEST_F(OneSlot, theResultStaysUntilTheBoardHasBeenAwayForLong) {
  pass_it();
  tell(Unplugged{}).pass(milliseconds(1900));
  EXPECT_EQ(slot.state, SlotState::pass);
  pass(milliseconds(200));
  EXPECT_EQ(slot.state, SlotState::empty);
  ASSERT_TRUE(slot.last);
  EXPECT_EQ(slot.last->state, SlotState::pass);
  EXPECT_EQ(slot.last->device, kAnna.id);
}

TEST_F(OneSlot, anApplicationThatRestartsIsNoNewInsertion) {
  pass_it();
  tell(Unplugged{}).pass(milliseconds(800));
  tell(Plugged{kAnna}).pass(seconds(10));
  EXPECT_EQ(slot.state, SlotState::pass);
}

TEST_F(OneSlot, aPassIsNobodysWhoDoesNotTellHisName) {
  pass_it();
  tell(Unplugged{}).pass(milliseconds(800));
  tell(Plugged{kNameless});
  EXPECT_EQ(slot.state, SlotState::seen);
}

TEST_F(OneSlot, whoWasAskedInListeningModeMayRestartOnce) {
  ask(kNameless);
  const Guest told{kAnna.id, records::IdentityBy::listening};
  tell(Decided{.what = Decided::What::done_already, .message = "before", .guest = told});
  tell(Unplugged{}).pass(milliseconds(800)).tell(Plugged{kNameless});
  EXPECT_EQ(slot.state, SlotState::done_already);
  tell(Unplugged{}).pass(milliseconds(800)).tell(Plugged{kNameless});
  EXPECT_EQ(slot.state, SlotState::seen);
}

TEST_F(OneSlot, anotherDeviceIsANewInsertionHoweverQuickTheHand) {
  pass_it();
  tell(Unplugged{}).pass(milliseconds(100));
  tell(Plugged{kBert});
  EXPECT_EQ(slot.state, SlotState::seen);
  EXPECT_EQ(slot.guest.id, kBert.id);
  EXPECT_EQ(slot.last->state, SlotState::pass);
}

TEST_F(OneSlot, aBoardPulledWhileItIsWrittenEndsItsJobAtOnce) {
  work(kAnna);
  tell(Unplugged{});
  EXPECT_TRUE(wants<Cancel>());
  EXPECT_EQ(slot.state, SlotState::pulled);
  EXPECT_EQ(word_of(slot), "PULLED · PUT BACK");
  end(false, 130, "interrupted");
  EXPECT_FALSE(wants<Close>());  // its hub may have fallen
  pass(seconds(2));
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->outcome, Outcome::aborted);
  EXPECT_EQ(wants<Close>()->code, "pulled");
  tell(Closed{true, {}}).tell(HookEnded{});
  EXPECT_EQ(slot.state, SlotState::pulled);
  pass(seconds(600));
  EXPECT_EQ(slot.state, SlotState::pulled);  // until it is back
  tell(Plugged{kAnna});
  EXPECT_EQ(slot.state, SlotState::seen);
}

TEST_F(OneSlot, aBoardPutBackBeforeItsJobHasEndedWaitsForThat) {
  work(kAnna);
  tell(Unplugged{}).pass(milliseconds(500)).tell(Plugged{kAnna});
  EXPECT_EQ(slot.state, SlotState::pulled);
  end(false, 130, "interrupted");
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->code, "pulled");
  tell(Closed{true, {}});
  EXPECT_EQ(slot.state, SlotState::seen);
  EXPECT_TRUE(slot.busy);  // the result hook
  pass(seconds(1));
  EXPECT_EQ(slot.state, SlotState::seen);
  tell(HookEnded{}).pass(milliseconds(1));
  EXPECT_TRUE(wants<Ask>());
}

TEST_F(OneSlot, leavingTheBusWhileItStartsIsNoPulling) {
  work(kAnna);
  tell(Advanced{"starting", 0.9, true}).tell(Unplugged{});
  EXPECT_FALSE(wants<Cancel>());
  pass(seconds(5)).tell(Plugged{kAnna});
  end(true);
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->outcome, Outcome::pass);
}

TEST_F(OneSlot, aBoardPulledBeforePassWasShownHasNotPassed) {
  work(kAnna);
  tell(Advanced{"confirming", 0.99, true}).tell(Unplugged{});
  end(true);
  EXPECT_FALSE(wants<Close>());  // it may be back at once
  pass(seconds(2));
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->outcome, Outcome::aborted);
  EXPECT_EQ(wants<Close>()->code, "pulled-early");
}

TEST_F(OneSlot, aBoardThatIsPutIntoThePlaceOfOneThatIsDoneGetsNoPassOfItsPredecessor) {
  work(kAnna);
  tell(Advanced{"confirming", 0.99, true}).tell(Unplugged{});
  end(true);
  pass(seconds(1)).tell(Plugged{kBert});
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->outcome, Outcome::aborted);
  EXPECT_EQ(wants<Close>()->code, "pulled-early");
  tell(Closed{true, {}});
  EXPECT_EQ(slot.state, SlotState::seen);
  EXPECT_EQ(slot.guest, kBert);
}

TEST_F(OneSlot, oneThatWasBackAndIsGoneWasPulledEarly) {
  work(kAnna);
  tell(Advanced{"confirming", 0.99, true}).tell(Unplugged{});
  JobEnd ended;
  ended.exit_code = 9;
  ended.code = "not-back";
  ended.was_back = true;
  tell(Ended{ended});
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->code, "pulled-early");
}

TEST_F(OneSlot, oneThatNeverCameBackHasFailedAndIsShownUntilSomebodyDoesSomething) {
  work(kAnna);
  tell(Advanced{"starting", 0.9, true}).tell(Unplugged{}).pass(seconds(60));
  end(false, 9, "not-back");
  tell(Closed{true, {}}).tell(HookEnded{});
  EXPECT_EQ(slot.state, SlotState::fail);
  pass(seconds(3600));
  EXPECT_EQ(slot.state, SlotState::fail);
  tell(Plugged{kNameless});
  EXPECT_EQ(slot.state, SlotState::seen);
}

TEST_F(OneSlot, aLinkThatFailedIsTriedAgainWithinItsTriesAndOtherErrorsAreNot) {
  for (const int exit_code : {6, 7}) {
    slot = {};
    work(kAnna, 2);
    end(false, exit_code);
    ASSERT_TRUE(wants<Close>());
    EXPECT_FALSE(wants<Close>()->final);
    tell(Closed{true, {}});
    ASSERT_TRUE(wants<Start>());
    EXPECT_EQ(wants<Start>()->attempt, 2);
    end(false, exit_code);
    EXPECT_TRUE(wants<Close>()->final);
    tell(Closed{true, {}});
    EXPECT_EQ(slot.state, SlotState::fail);
  }
  for (const int exit_code : {4, 5, 8, 9}) {
    slot = {};
    work(kAnna, 2);
    end(false, exit_code);
    EXPECT_TRUE(wants<Close>()->final) << exit_code;
  }
}

TEST_F(OneSlot, aHubThatFallsIsNobodysFaultAndItsBoardsBeginAgainOnce) {
  work(kAnna);
  tell(Unplugged{}).pass(milliseconds(100)).tell(HubFell{});
  EXPECT_EQ(slot.state, SlotState::retrying);
  EXPECT_EQ(word_of(slot), "HUB · WAIT");
  end(false, 130, "interrupted");
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->outcome, Outcome::lost);
  EXPECT_FALSE(wants<Close>()->counts);
  tell(Closed{true, {}}).tell(HookEnded{});
  tell(Plugged{kAnna}).pass(milliseconds(300));
  ASSERT_TRUE(wants<Ask>());
  tell(Decided{}).tell(Started{"job-2"}).tell(Advanced{"writing", 0.1, false});
  tell(Unplugged{}).tell(HubFell{});
  end(false, 130, "interrupted");
  EXPECT_EQ(wants<Close>()->outcome, Outcome::lost);
  tell(Closed{true, {}}).tell(HookEnded{});
  tell(Plugged{kAnna});
  EXPECT_EQ(slot.state, SlotState::hold);
  EXPECT_EQ(word_of(slot), "HOLD · HUB");
}

TEST_F(OneSlot, aDeviceSwappedWhileItRestartedIsAnInsertionOfItsOwn) {
  work(kAnna);
  tell(Advanced{"starting", 0.9, true}).tell(Unplugged{}).tell(Plugged{kBert});
  end(false, 3, "another-device");
  ASSERT_TRUE(wants<Close>());
  EXPECT_EQ(wants<Close>()->code, "swapped");
  EXPECT_EQ(wants<Close>()->outcome, Outcome::aborted);
  tell(Closed{true, {}});
  EXPECT_EQ(slot.state, SlotState::seen);
}

TEST_F(OneSlot, aBoardSwappedWhileTheHookThinksDoesNotWearItsPass) {
  work(kAnna);
  end(true);
  tell(Closed{true, {}});
  tell(Unplugged{}).tell(Plugged{kBert}).tell(HookEnded{});
  EXPECT_EQ(slot.state, SlotState::seen);
  EXPECT_EQ(slot.guest.id, kBert.id);
  EXPECT_EQ(slot.last->state, SlotState::pass);
}

TEST_F(OneSlot, doneAlreadyTouchesNothingAndIsAccountedFor) {
  ask(kAnna);
  tell(Decided{
      .what = Decided::What::done_already, .code = {}, .message = "before", .guest = kAnna});
  EXPECT_EQ(slot.state, SlotState::done_already);
  ASSERT_TRUE(wants<Account>());
  EXPECT_EQ(wants<Account>()->what, "seen-again");
  tell(Unplugged{}).pass(seconds(3));
  EXPECT_EQ(slot.state, SlotState::empty);
}

TEST_F(OneSlot, whatHasToWaitBeginsWhenItMay) {
  ask(kAnna);
  tell(Decided{.what = Decided::What::wait, .code = "yield", .message = "STOP", .guest = kAnna});
  EXPECT_EQ(slot.state, SlotState::asking);
  EXPECT_EQ(word_of(slot), "WAIT");
  tell(Reconsider{});
  ASSERT_TRUE(wants<Ask>());
  tell(Decided{});
  EXPECT_TRUE(wants<Start>());
}

TEST_F(OneSlot, oneThatLeavesWhileItWaitsIsAccountedFor) {
  ask(kAnna);
  tell(Decided{.what = Decided::What::wait, .code = "yield", .message = "STOP", .guest = kAnna});
  tell(Unplugged{}).pass(seconds(2));
  EXPECT_EQ(slot.state, SlotState::empty);
  ASSERT_TRUE(wants<Account>());
  EXPECT_EQ(wants<Account>()->what, "left-early");
}

TEST_F(OneSlot, oneThatLeavesWhileItIsAskedEndsTheQuestion) {
  ask(kAnna);
  tell(Unplugged{}).pass(seconds(2));
  EXPECT_TRUE(wants<Cancel>());
  tell(Idle{});
  EXPECT_EQ(slot.state, SlotState::empty);
  EXPECT_EQ(wants<Account>()->what, "left-early");
}

TEST_F(OneSlot, aQuestionThatWasEndedIsAskedAgainIfTheBoardIsBack) {
  ask(kAnna);
  tell(Unplugged{}).pass(seconds(2)).tell(Plugged{kAnna}).tell(Idle{});
  EXPECT_TRUE(wants<Ask>());
}

TEST_F(OneSlot, aSlotThatIsSwitchedOffEndsWhatItDoesAndTakesNothingMore) {
  work(kAnna);
  tell(Switched{false, "the lead"});
  EXPECT_EQ(slot.state, SlotState::working);
  end(true);
  tell(Closed{true, {}}).tell(HookEnded{});
  EXPECT_EQ(slot.state, SlotState::pass);
  tell(Unplugged{}).pass(seconds(2));
  EXPECT_EQ(slot.state, SlotState::off);
  tell(Plugged{kBert}).pass(seconds(5));
  EXPECT_EQ(slot.state, SlotState::off);
  tell(Switched{true, {}});
  EXPECT_EQ(slot.state, SlotState::seen);
}

TEST_F(OneSlot, againBeginsAnInsertionThatAsksWhateverTheRecordsSay) {
  pass_it();
  tell(Again{}).pass(milliseconds(300));
  ASSERT_TRUE(wants<Ask>());
  EXPECT_TRUE(wants<Ask>()->again);
}

TEST_F(OneSlot, aHandThatIsWantedShowsItAndMayPullNothing) {
  work(kAnna);
  tell(HandWanted{"hold MODE"});
  EXPECT_EQ(slot.state, SlotState::needs_hand);
  tell(Unplugged{}).tell(Plugged{kNameless});
  EXPECT_EQ(slot.state, SlotState::needs_hand);
  tell(Advanced{"reading", 0.1, false});
  EXPECT_EQ(slot.state, SlotState::working);
}

TEST_F(OneSlot, onePulledHereAndTakenUpElsewhereIsNotAwaitedAnyMore) {
  work(kAnna);
  tell(Unplugged{});
  end(false, 130, "interrupted");
  pass(seconds(2)).tell(Closed{true, {}}).tell(HookEnded{}).tell(TakenUpElsewhere{});
  EXPECT_EQ(slot.state, SlotState::empty);
  EXPECT_EQ(slot.last->state, SlotState::pulled);
}

// Every event in every state that 4,000 random walks come to: never two rows open, never a pass
// without a closed row, never a tick that is asked for and changes nothing for ever.
TEST_F(OneSlot, noOrderOfEventsPassesWithoutAClosedRow) {
  std::uint32_t random = 12345;
  const auto dice = [&](std::uint32_t sides) {
    random = random * 1664525U + 1013904223U;
    return (random >> 8U) % sides;
  };
  int steps = 0;
  for (int walk = 0; walk < 4000; ++walk) {
    slot = {};
    bool open = false;  // a row
    bool job = false;   // a job runs
    bool task = false;  // a question or a hook
    bool closed_good = false;
    for (int step = 0; step < 60; ++step, ++steps) {
      SlotEvent event = Tick{};
      switch (dice(14)) {
        case 0:
          event = Plugged{dice(3) == 0 ? kNameless : dice(2) == 0 ? kAnna : kBert};
          break;
        case 1:
          event = Unplugged{};
          break;
        case 2:
          event = HubFell{};
          break;
        case 3:
          event = Reconsider{};
          break;
        case 4:
          event = Switched{dice(2) == 0, "x"};
          break;
        case 5:
          event = Again{};
          break;
        case 6:
          event = TakenUpElsewhere{};
          break;
        case 7:
          if (!job) continue;
          event = Advanced{"writing", 0.5, dice(2) == 0};
          break;
        case 8:
          if (!job) continue;
          job = false;
          event = Ended{{.good = dice(2) == 0,
                         .exit_code = 6,
                         .code = dice(4) == 0 ? "another-device" : "x",
                         .message = {},
                         .short_code = {},
                         .was_back = dice(2) == 0,
                         .guest = {}}};
          break;
        case 9:
        case 10:
          if (!task) continue;
          task = false;
          if (slot.state == SlotState::asking && slot.busy && dice(4) != 0) {
            event = Decided{.what = static_cast<Decided::What>(dice(4)),
                            .tries = 2,
                            .code = "c",
                            .message = "m",
                            .guest = {}};
          } else if (slot.closed_as) {
            event = HookEnded{dice(4) == 0, ""};
          } else {
            event = Idle{};
          }
          break;
        default:
          now += milliseconds(dice(3000));
          break;
      }
      tell(event);
      const std::vector<SlotAction> wanted = actions;
      for (const SlotAction& action : wanted) {
        if (std::holds_alternative<Ask>(action)) {
          ASSERT_FALSE(task);
          ASSERT_FALSE(job);
          task = true;
        } else if (std::holds_alternative<Start>(action)) {
          ASSERT_FALSE(open) << "a row is open already";
          ASSERT_FALSE(job);
          open = true;
          job = true;
          closed_good = false;
        } else if (std::holds_alternative<RunResultHook>(action)) {
          ASSERT_FALSE(task);
          task = true;
        } else if (const auto* close = std::get_if<Close>(&action)) {
          ASSERT_TRUE(open) << "a row is closed twice";
          open = false;
          closed_good = close->outcome == Outcome::pass;
          ASSERT_FALSE(job);
          tell(Closed{true, {}});
          for (const SlotAction& more : actions) {
            if (std::holds_alternative<RunResultHook>(more)) task = true;
            if (std::holds_alternative<Start>(more)) {
              open = true;
              job = true;
              closed_good = false;
            }
          }
        }
      }
      if (slot.state == SlotState::pass) {
        ASSERT_TRUE(closed_good);
        ASSERT_FALSE(open);
      }
      ASSERT_EQ(slot.closing, false);
    }
  }
  RecordProperty("steps", steps);
}

}  // namespace
}  // namespace station
