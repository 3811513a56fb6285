// SPDX-License-Identifier: GPL-3.0-or-later
//
// The part of the engine that is about what comes in: its start, boards that come and go, events of
// slots and news of the crew. What is done about one board is in engine_job.cpp, what is done about
// the line in engine_lead.cpp.
#include "station/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace station {
namespace {

using records::Outcome;

constexpr std::size_t kSeeds = 200;

// All of a port's name but its last number: boards on one hub have it in common.
std::string hub_of(const std::string& port) {
  // Each virtual board has a wire of its own (sim/world/hall.h).
  if (port.starts_with("sim/") && port.find('.') == std::string::npos) return port;
  const std::size_t dot = port.find_last_of("./");
  return dot == std::string::npos ? port : port.substr(0, dot);
}

}  // namespace

Engine::Engine(Surroundings around, Config config, Work work)
    : around_(std::move(around)),
      config_(std::move(config)),
      work_(std::move(work)),
      stop_rules_(config_.policy) {
  slot_rules_.leave_after = config_.policy.leave_after;
  for (const SlotConfig& slot : config_.slots) {
    Place& place = places_.emplace_back();
    place.config = slot;
    place.hub = hub_of(slot.port);
    place.since_ms = around_.wall_ms();
    place.slot.since = around_.clock.now();
  }
}

base::Result<> Engine::begin() {
  const std::int64_t now_ms = around_.wall_ms();
  TRY_ASSIGN(const auto started, around_.store.last_act("started"));
  TRY_ASSIGN(const std::vector<std::string> lost, around_.store.close_lost(now_ms));
  TRY(around_.store.put_recipe(work_.recipe));
  act("started", "recipe " + work_.recipe.id);
  for (const std::string& id : lost) act("alarm", "station-died: job " + id + " is lost");
  if (!lost.empty()) {
    alarm("station-died", fmt::format("{} jobs of an earlier run are lost", lost.size()));
  }
  TRY_ASSIGN(const auto ended, around_.store.last_act("ended"));
  if (started) TRY(announce_left_over(ended ? ended->at_ms : started->at_ms));
  // Counting goes on where it stood, but for what was before the last unlock.
  TRY_ASSIGN(const auto unlock, around_.store.last_act("unlock"));
  TRY_ASSIGN(const std::vector<records::Row> recent, around_.store.recent(kSeeds));
  for (auto row = recent.rbegin(); row != recent.rend(); ++row) {
    if (!row->ending || (unlock && row->ending->ended_ms <= unlock->at_ms)) continue;
    if (row->opening.kind == records::Kind::golden) continue;
    const auto verdict =
        stop_rules_.note({row->opening.slot, row->opening.device, row->ending->outcome});
    latched_stop_ = verdict.stop;
  }
  if (latched_stop_) latched_stop_->since_ms = now_ms;
  constexpr std::int64_t kHourMs = 3'600'000;
  TRY_ASSIGN(const auto last_hour, around_.store.ended_since(now_ms - kHourMs));
  for (auto row = last_hour.rbegin(); row != last_hour.rend(); ++row) {
    if (!row->ending || row->ending->outcome != Outcome::pass) continue;
    if (row->opening.kind == records::Kind::golden) continue;
    const std::int64_t ago = std::clamp<std::int64_t>(now_ms - row->ending->ended_ms, 0, kHourMs);
    passed_.push_back(around_.clock.now() - std::chrono::milliseconds(ago));
  }
  std::ranges::sort(passed_);
  if (!config_.order.empty()) {
    TRY_ASSIGN(order_passed_, around_.store.passed_of_order(config_.order));
  }
  TRY_ASSIGN(golden_ms_, around_.store.golden_pass_ms(work_.recipe.id));
  refresh_stop();
  return {};
}

void Engine::end() { act("ended", {}); }

// What no run since then, when one ended as it should, could tell its hooks any more.
base::Result<> Engine::announce_left_over(std::int64_t since_ms) {
  const std::vector<HookConfig> result = hooks(HookConfig::On::result);
  if (result.empty()) return {};
  TRY_ASSIGN(const std::vector<records::Row> rows, around_.store.unannounced(since_ms));
  for (const records::Row& row : rows) {
    const bool tried_again = std::ranges::any_of(rows, [&](const records::Row& later) {
      return later.opening.attempt > 1 && later.opening.previous == row.opening.id;
    });
    if (tried_again) continue;
    HookFacts facts;
    facts.station = config_.name;
    facts.order = row.opening.order_no;
    facts.slot = row.opening.slot;
    facts.job = row.opening;
    facts.ending = row.ending;
    TRY_ASSIGN(facts.report, around_.store.report_of(row.opening.id));
    around_.crew.run_hooks(kNoSlot, {result, row.opening.id, row.opening.slot,
                                     hook_document(HookConfig::On::result, facts)});
  }
  return {};
}

// --- boards ---

std::optional<SlotNumber> Engine::slot_at(const usb::PortPath& port) const {
  const std::string name = around_.port_name(port);
  const auto found = std::ranges::find(places_, name, [](const Place& p) { return p.config.port; });
  if (found == places_.end()) return std::nullopt;
  return static_cast<SlotNumber>(found - places_.begin());
}

std::optional<SlotNumber> Engine::slot_named(const std::string& name) const {
  const auto found = std::ranges::find(places_, name, [](const Place& p) { return p.config.name; });
  if (found == places_.end()) return std::nullopt;
  return static_cast<SlotNumber>(found - places_.begin());
}

void Engine::on(const discovery::Change& change) {
  if (const auto* gone = std::get_if<discovery::Left>(&change)) left(gone->device);
  if (const auto* here = std::get_if<discovery::Arrived>(&change)) arrived(here->device);
  if (const auto* other = std::get_if<discovery::Changed>(&change)) arrived(other->now);
  work_off();
}

void Engine::arrived(const discovery::Device& device) {
  const auto number = slot_at(device.port());
  if (!number) {
    elsewhere_[device.port()] = device;
    return;
  }
  Place& place = places_[*number];
  if (place.device && !discovery::same_enumeration(place.device->info, device.info)) {
    place.ahead = false;
  }
  place.device = device;
  const auto by = device.id.empty() ? records::IdentityBy::none : records::IdentityBy::descriptor;
  tell(*number, Plugged{{device.id, by}});
}

void Engine::left(const discovery::Device& device) {
  elsewhere_.erase(device.port());
  const auto number = slot_at(device.port());
  if (!number) return;
  tell(*number, Unplugged{places_[*number].ahead});
  note_departure(*number);
}

// Boards of one hub that leave together have not been pulled.
void Engine::note_departure(SlotNumber number) {
  work_off();
  const base::Instant now = around_.clock.now();
  const Slot& gone = places_[number].slot;
  // One that may restart, or is between two hands, says nothing about its hub.
  const bool says = gone.pulled || is_latched(gone.state);
  if (!says) return;
  std::erase_if(departures_, [&](const Departure& d) {
    return now - d.at > slot_rules_.hub_window || d.slot == number;
  });
  departures_.push_back({now, number});
  std::vector<SlotNumber> together;
  for (const Departure& departure : departures_) {
    if (places_[departure.slot].hub == places_[number].hub) together.push_back(departure.slot);
  }
  if (together.size() < 2) return;
  bool first = true;
  bool news = false;
  for (const SlotNumber slot : together) {
    first = first && !places_[slot].slot.hub;
    if (places_[slot].slot.pulled && !places_[slot].slot.hub) {
      tell(slot, HubFell{});
      news = true;
    }
  }
  if (news && first) {
    const std::string text = fmt::format("the boards of hub {} left together", places_[number].hub);
    alarm("hub", text);
    act("alarm", "hub: " + text);
  }
}

void Engine::taken_up(SlotNumber number, const std::string& device) {
  if (device.empty()) return;
  for (SlotNumber other = 0; other < places_.size(); ++other) {
    Place& place = places_[other];
    if (other == number || place.slot.guest.id != device) continue;
    if (place.slot.state == SlotState::pulled || place.slot.state == SlotState::retrying) {
      places_[number].previous = place.opening.id;
      tell(other, TakenUpElsewhere{});
    }
  }
}

// --- events and actions ---

void Engine::tell(SlotNumber number, const SlotEvent& event) {
  events_.emplace_back(number, event);
}

// One after the other, whatever the actions of one bring about.
void Engine::work_off() {
  if (std::exchange(working_off_, true)) return;
  while (!events_.empty()) {
    const auto [number, event] = std::move(events_.front());
    events_.pop_front();
    Place& place = places_[number];
    const Slot before = place.slot;
    Step step = next(before, event, around_.clock.now(), slot_rules_);
    place.slot = std::move(step.slot);
    if (before.state != place.slot.state) {
      place.since_ms = around_.wall_ms();
      if (is_latched(before.state) && !is_latched(place.slot.state)) place.last_ms = place.since_ms;
    }
    for (const SlotAction& action : step.actions) carry_out(number, action);
  }
  working_off_ = false;
}

void Engine::carry_out(SlotNumber number, const SlotAction& action) {
  std::visit([&](const auto& what) { do_it(number, what); }, action);
}

void Engine::do_it(SlotNumber number, const Account& account) {
  const std::string& slot = places_[number].config.name;
  act(account.what, account.detail.empty() ? slot : slot + ": " + account.detail, "station");
}

void Engine::on(const News& news) {
  std::visit(
      [&](const auto& what) {
        // Hooks that are the station's own belong to no slot.
        constexpr bool kAnywhere = std::is_same_v<std::decay_t<decltype(what)>, HooksOver>;
        if (kAnywhere || news.slot < places_.size()) take(news.slot, what);
      },
      news.what);
  work_off();
}

// --- small things ---

int Engine::busy() const {
  return static_cast<int>(std::ranges::count_if(places_, [](const Place& place) {
    return place.row_open || (place.chosen && place.slot.state == SlotState::asking);
  }));
}

bool Engine::idle() const {
  return unclosed_.empty() && std::ranges::none_of(places_, [](const Place& place) {
           return place.row_open || place.slot.busy || place.slot.closing;
         });
}

bool Engine::settled() const {
  return idle() && std::ranges::none_of(places_, [](const Place& place) {
           const Slot& slot = place.slot;
           return slot.state == SlotState::seen ||
                  (slot.state == SlotState::asking && !slot.waiting) ||
                  (slot.state == SlotState::retrying && slot.present);
         });
}

void Engine::act(std::string what, std::string detail, std::string who) {
  const records::Act act{around_.wall_ms(), who.empty() ? around_.user : std::move(who),
                         std::move(what), std::move(detail)};
  if (const auto written = around_.store.add_act(act); !written) {
    alarm("no-record", written.error().message);
  }
}

void Engine::alarm(std::string code, std::string text) {
  alarms_.push_back({around_.wall_ms(), std::move(code), std::move(text)});
}

std::vector<Alarm> Engine::take_alarms() { return std::exchange(alarms_, {}); }
std::vector<Result> Engine::take_results() { return std::exchange(results_, {}); }

}  // namespace station
