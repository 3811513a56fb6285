// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A station, on one thread: takes what comes in (boards, news of the crew, commands, time), gives
// each slot its events, and carries its actions out: asks the records, opens and closes rows, gives
// orders to the crew. Waits for nothing, so that a test can be its world, step by step.

#include "base/clock.h"
#include "discovery/inventory.h"
#include "records/store.h"
#include "station/config.h"
#include "station/crew.h"
#include "station/decide.h"
#include "station/ending.h"
#include "station/recipe.h"
#include "station/slot.h"
#include "station/status.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace station {

// What it needs of the world. All of it outlives the engine; the functions may be empty but for the
// first two.
struct Surroundings {
  const base::Clock& clock;
  records::Store& store;
  Crew& crew;
  std::function<std::int64_t()> wall_ms;                       // time of day
  std::function<std::string()> new_id;                         // a random UUID
  std::function<std::string(const usb::PortPath&)> port_name;  // as the configuration writes it
  std::function<bool()> clock_is_sure;                         // synchronised
  std::function<std::string()> changed_file;  // one that is no longer what was read; empty: none
  // Configuration and files anew.
  std::function<base::Result<std::pair<Config, Work>>()> reload;
  std::string boot;  // of the computer
  std::string tool;  // version
  std::string user;  // who runs it, for what it does by itself
};

// One job, over: for the lines of --json, and for whoever wants the row as it was written.
struct Result {
  std::string slot;
  records::Opening opening;
  records::Ending ending;
  std::string short_code;
  bool recorded = false;
};

class Engine {
 public:
  Engine(Surroundings around, Config config, Work work);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Closes what an earlier run left open. Before anything else. Errors: those of the store.
  base::Result<> begin();

  // Nothing follows: all that was begun has come to its end.
  void end();

  // --- what comes in ---
  void on(const discovery::Change& change);
  void on(const News& news);
  // The empty text, or why it is not done.
  std::string command(const Command& command);
  // Time has passed.
  void tick();

  // --- what goes out ---
  // When tick() is wanted at the latest.
  std::optional<base::Instant> tick_at() const;
  Status status() const;
  // Since the last call.
  std::vector<Alarm> take_alarms();
  std::vector<Result> take_results();
  // No job, question or hook is under way, and every row is closed.
  bool idle() const;
  // Nothing new is begun any more.
  bool draining() const { return draining_; }
  // And every board that is plugged in has its result, or waits for something else than time.
  bool settled() const;
  const Config& config() const { return config_; }
  const Work& work() const { return work_; }
  const Slot& slot(SlotNumber number) const { return places_[number].slot; }

 private:
  // A slot, and what the engine keeps for it.
  struct Place {
    SlotConfig config;
    std::string hub;
    Slot slot;
    std::optional<discovery::Device> device;  // on the port now, or last
    // A job has found the device again, enumerated anew, of which the bus has not told yet.
    bool ahead = false;
    bool again = false;  // of the question that is under way
    Facts facts;
    std::optional<Decided> decided;  // while the before hooks think
    records::Opening opening;        // of the next row, or of the open one
    bool row_open = false;
    bool chosen = false;   // it is to be worked on, and counts as a job already
    std::string previous;  // row of the one before in this insertion, or that was pulled here
    JobMemory memory;
    std::shared_ptr<const events::DeviceReport> report;
    HookVerdict before;  // what the hooks before said
    records::Ending ending;
    std::string report_text;
    base::Instant job_began{};
    std::int64_t since_ms = 0;
    std::int64_t last_ms = 0;  // when the last result was left behind
  };
  // A row that could not be closed: what it is to be closed with.
  struct Unclosed {
    std::string id;
    records::Ending ending;
    std::string report;
  };

  void tell(SlotNumber number, const SlotEvent& event);
  void work_off();
  void carry_out(SlotNumber number, const SlotAction& action);
  void do_it(SlotNumber number, const Ask& ask);
  void do_it(SlotNumber number, const Start& start);
  void do_it(SlotNumber number, const Cancel&);
  void do_it(SlotNumber number, const Close& close);
  void do_it(SlotNumber number, const RunResultHook&);
  void do_it(SlotNumber number, const Account& account);

  void take(SlotNumber number, const Identified& news);
  void take(SlotNumber number, const JobSaid& news);
  void take(SlotNumber number, const JobSaw& news);
  void take(SlotNumber number, const JobOver& news);
  void take(SlotNumber number, const HooksOver& news);

  void decide_now(SlotNumber number, const Guest& guest);
  void decided(SlotNumber number, Decided decided);
  void arrived(const discovery::Device& device);
  void left(const discovery::Device& device);
  void note_departure(SlotNumber number);
  void taken_up(SlotNumber number, const std::string& device);
  void judge(SlotNumber number, const Close& close, const records::Ending& ending);
  void count(const Place& place, const std::string& device, records::Outcome outcome);
  bool counts_for_order(const records::Opening& opening, const std::string& device) const;
  void write_hook_runs(const std::string& job, const HookVerdict& verdict);

  base::Result<> announce_left_over(std::int64_t since_ms);

  void refresh_order();
  std::optional<std::int64_t> quantity() const;  // that the order wants
  std::int64_t order_passed() const;             // for it, here and at other stations
  bool golden_is_due() const;
  std::optional<Stop> stop_now(const std::string& changed) const;
  void refresh_stop();
  void raise_stop(Stop stop);
  void try_unclosed();
  void try_reload();
  void reconsider();
  void act(std::string what, std::string detail, std::string who = {});
  void alarm(std::string code, std::string text);
  std::optional<SlotNumber> slot_at(const usb::PortPath& port) const;
  std::optional<SlotNumber> slot_named(const std::string& name) const;
  std::vector<HookConfig> hooks(HookConfig::On on) const;
  HookFacts hook_facts(const Place& place) const;
  int busy() const;
  Counts counts() const;
  SlotStatus slot_status(const Place& place) const;
  std::string release_or_hold(const Command& command);

  Surroundings around_;
  Config config_;
  Work work_;
  SlotRules slot_rules_;
  StopRules stop_rules_;
  std::vector<Place> places_;
  std::map<usb::PortPath, discovery::Device> elsewhere_;
  std::deque<std::pair<SlotNumber, SlotEvent>> events_;
  bool working_off_ = false;
  struct Departure {
    base::Instant at;
    SlotNumber slot;
  };
  std::deque<Departure> departures_;
  std::optional<Stop> latched_stop_;  // until it is unlocked
  std::optional<Stop> passing_stop_;  // as long as its cause lasts
  bool draining_ = false;
  bool reload_wanted_ = false;
  std::optional<std::int64_t> golden_ms_;  // when one passed last
  std::deque<Unclosed> unclosed_;
  base::Instant unclosed_at_{};
  base::Instant looked_at_{};                     // when disk and files were looked at last
  std::int64_t order_passed_ = 0;                 // here
  std::optional<records::WorkOrder> hall_order_;  // what a server says of the order
  Counts session_;
  std::deque<base::Instant> passed_;  // within the last hour
  std::vector<Alarm> alarms_;
  std::vector<Result> results_;
};

}  // namespace station
