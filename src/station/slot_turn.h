// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One step of one slot, for slot.cpp and slot_job.cpp alone: a slot and an event in, a slot and
// actions out.

#include "station/slot_values.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace station {

class Turn {
 public:
  Turn(const Slot& slot, base::Instant now, const SlotRules& rules)
      : slot_(slot), now_(now), rules_(rules) {}

  Step take(const SlotEvent& event) {
    std::visit([this](const auto& what) { on(what); }, event);
    return {std::move(slot_), std::move(actions_)};
  }

 private:
  // --- the board comes and goes ---
  void on(const Plugged& event);
  // No arrival: the system has found out more about it.
  void learn_more(const Guest& guest);
  void on(const Unplugged& event);
  void on(const HubFell&);

  // --- asking ---
  void on(const Decided& event);
  void on(const Reconsider&);

  // --- working ---
  void on(const CannotStart& event);
  void on(const Started& event);
  void on(const Advanced& event);
  void on(const HandWanted& event);
  void on(const Ended& event);
  // The job is over. `back`: another one that came meanwhile.
  void end_of(const JobEnd& end, const std::optional<Guest>& back);
  // A job whose board is out: what it was is known when the others of its hub have had their time.
  void settle_pulled();
  void on(const Closed& event);
  void after(const Close& was, const JobEnd& end);
  void on(const HookEnded& event);
  void on(const Idle&);
  // What had to wait until nothing was under way.
  void resume();

  // --- the lead ---
  void on(const Switched& event);
  void on(const Again&);
  void on(const TakenUpElsewhere&);
  void on(const Tick&);

  // --- pieces ---
  bool long_gone() const;
  bool pulled_for_good() const;
  // A row of this slot is open.
  bool holds_work() const;
  void learn(const Guest& guest);
  void to(SlotState state);
  void say(std::string code, std::string short_code, std::string message);
  void latch(SlotState state, std::string code, std::string short_code, std::string message);
  void act(SlotAction action);
  void ask();
  void start();
  void close(records::Outcome outcome, std::string code, std::string message, bool final = true,
             bool counts = true);
  void no_record(const std::string& message);
  void remember();
  // A new insertion, in a slot that has nothing to remember.
  void begin(const Guest& guest);
  void begin_anew(const Guest& guest);
  // The board that was pulled, or another one, is in the slot of the one that was.
  void come_back(const Guest& guest);
  void vacate();
  void leave_early();

  Slot slot_;
  base::Instant now_;
  const SlotRules& rules_;
  std::vector<SlotAction> actions_;
};

}  // namespace station
