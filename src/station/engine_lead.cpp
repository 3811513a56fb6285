// SPDX-License-Identifier: GPL-3.0-or-later
//
// The part of the engine that is about the line as a whole: stops, what the lead does, time, and
// what is shown.
#include "station/engine.h"
#include "station/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace station {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr base::Micros kNowAndThen = seconds(5);

}  // namespace

// --- stops ---

void Engine::raise_stop(Stop stop) {
  if (latched_stop_) return;
  stop.since_ms = around_.wall_ms();
  latched_stop_ = stop;
  act("stop", stop.code + ": " + stop.text, "station");
  alarm(stop.code, stop.text);
  const std::vector<HookConfig> hooks = this->hooks(HookConfig::On::stop);
  if (hooks.empty()) return;
  HookFacts facts;
  facts.station = config_.name;
  facts.order = config_.order;
  facts.stop_code = stop.code;
  facts.stop_text = stop.text;
  around_.crew.run_hooks(kNoSlot, {hooks, "", "", hook_document(HookConfig::On::stop, facts)});
}

// What a server says of the order goes before the configuration; where it says nothing now, what it
// said last holds.
void Engine::refresh_order() {
  if (config_.order.empty()) return hall_order_.reset();
  const auto said = around_.store.work_order(config_.order);
  if (said) hall_order_ = *said;
}

std::optional<std::int64_t> Engine::quantity() const {
  return hall_order_ && hall_order_->quantity > 0 ? std::optional(hall_order_->quantity)
                                                  : config_.quantity;
}

std::int64_t Engine::order_passed() const {
  return order_passed_ + (hall_order_ ? hall_order_->elsewhere : 0);
}

bool Engine::golden_is_due() const {
  const auto& every = config_.policy.golden_every;
  if (!every) return false;
  const auto every_ms = std::chrono::duration_cast<std::chrono::milliseconds>(*every).count();
  // A clock that was set back makes it due, never not due.
  const std::int64_t now_ms = around_.wall_ms();
  return !golden_ms_ || *golden_ms_ > now_ms || now_ms - *golden_ms_ >= every_ms;
}

// What stands in the way now. `changed`: a file that is not what was read.
std::optional<Stop> Engine::stop_now(const std::string& changed) const {
  const auto free = around_.store.free_space();
  if (!free) return Stop{"disk", "NO RECORDS · CALL LEAD", 0};
  if (*free < config_.records.min_free) return Stop{"disk", "DISK FULL · CALL LEAD", 0};
  if (!unclosed_.empty()) return Stop{"no-record", "NO RECORD · CALL LEAD", 0};
  if (!changed.empty()) return Stop{"files-changed", "FILES CHANGED · CALL LEAD", 0};
  const bool other_recipe =
      hall_order_ && !hall_order_->recipe.empty() && hall_order_->recipe != work_.recipe.id;
  if (other_recipe) return Stop{"order-recipe", "ORDER WANTS ANOTHER RECIPE · CALL LEAD", 0};
  const auto quantity = this->quantity();
  if (quantity && order_passed() >= *quantity) return Stop{"order-complete", "ORDER COMPLETE", 0};
  if (golden_is_due()) return Stop{"golden-due", "GOLDEN UNIT DUE", 0};
  return std::nullopt;
}

// Stops that end by themselves when their cause does.
void Engine::refresh_stop() {
  looked_at_ = around_.clock.now();
  refresh_order();
  const std::string changed = around_.changed_file ? around_.changed_file() : std::string();
  std::optional<Stop> stop = stop_now(changed);
  const bool same =
      stop.has_value() == passing_stop_.has_value() && (!stop || stop->code == passing_stop_->code);
  if (same) return;
  if (stop) {
    stop->since_ms = around_.wall_ms();
    act("stop", stop->code + ": " + stop->text, "station");
    alarm(stop->code, changed.empty() ? stop->text : stop->text + ": " + changed);
  }
  passing_stop_ = std::move(stop);
  reconsider();
}

// Whoever waits may begin now.
void Engine::reconsider() {
  for (SlotNumber number = 0; number < places_.size(); ++number) {
    if (places_[number].slot.waiting) tell(number, Reconsider{});
  }
}

void Engine::try_unclosed() {
  if (unclosed_.empty() || around_.clock.now() < unclosed_at_ + kNowAndThen) return;
  unclosed_at_ = around_.clock.now();
  while (!unclosed_.empty()) {
    const Unclosed& row = unclosed_.front();
    if (!around_.store.close_row(row.id, row.ending, row.report)) return;
    act("alarm", "job " + row.id + " was recorded late", "station");
    unclosed_.pop_front();
  }
  refresh_stop();
}

void Engine::try_reload() {
  if (!reload_wanted_ || busy() > 0) return;
  reload_wanted_ = false;
  auto fresh = around_.reload();
  if (!fresh) {
    raise_stop({"reload-failed", "RELOAD FAILED · CALL LEAD", 0});
    alarm("reload-failed", fresh.error().message);
    return;
  }
  auto& [config, work] = *fresh;
  const bool same_slots =
      std::ranges::equal(config.slots, config_.slots, [](const SlotConfig& a, const SlotConfig& b) {
        return a.name == b.name && a.port == b.port;
      });
  if (!same_slots || config.name != config_.name) {
    alarm("reload-failed", "the station's name and its slots change only when it is started anew");
    raise_stop({"reload-failed", "RELOAD FAILED · CALL LEAD", 0});
    return;
  }
  if (const auto put = around_.store.put_recipe(work.recipe); !put) {
    alarm("no-record", put.error().message);
    raise_stop({"reload-failed", "RELOAD FAILED · CALL LEAD", 0});
    return;
  }
  config_ = std::move(config);
  work_ = std::move(work);
  slot_rules_.leave_after = config_.policy.leave_after;
  stop_rules_ = StopRules(config_.policy);
  order_passed_ = 0;
  if (!config_.order.empty()) {
    const auto passed = around_.store.passed_of_order(config_.order);
    if (passed) order_passed_ = *passed;
  }
  const auto golden = around_.store.golden_pass_ms(work_.recipe.id);
  golden_ms_ = golden ? *golden : std::nullopt;
  alarm("reloaded", "recipe " + work_.recipe.id);
  refresh_stop();
  reconsider();
}

// --- the lead ---

std::string Engine::release_or_hold(const Command& command) {
  const bool id = command.subject.size() == 24 &&
                  command.subject.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!id) return "name a device by all 24 digits of its id";
  const records::Act act{around_.wall_ms(), command.who, std::string(name(command.what)),
                         command.subject};
  const auto written = around_.store.add_act(act);
  return written ? std::string() : written.error().message;
}

std::string Engine::command(const Command& command) {
  using What = Command::What;
  const auto record = [&](std::string_view what) {
    act(std::string(what), command.subject, command.who);
  };
  std::optional<SlotNumber> slot;
  if (command.what == What::again || command.what == What::slot_on ||
      command.what == What::slot_off) {
    slot = slot_named(command.subject);
    if (!slot) return "there is no slot " + command.subject;
  }
  switch (command.what) {
    case What::unlock:
      record("unlock");
      latched_stop_.reset();
      stop_rules_.unlock();
      reconsider();
      break;
    case What::reload:
      if (!around_.reload) return "this station cannot read its files anew";
      record("reload");
      reload_wanted_ = true;
      try_reload();
      break;
    case What::release:
    case What::hold:
      if (std::string why = release_or_hold(command); !why.empty()) return why;
      break;
    case What::again:
      record("again");
      tell(*slot, Again{});
      break;
    case What::slot_on:
      record("slot-on");
      stop_rules_.switch_on(command.subject);
      tell(*slot, Switched{true, {}});
      break;
    case What::slot_off:
      record("slot-off");
      tell(*slot, Switched{false, "switched off by " + command.who});
      break;
    case What::drain:
      record("drain");
      draining_ = true;
      break;
  }
  work_off();
  return {};
}

// --- time ---

std::optional<base::Instant> Engine::tick_at() const {
  std::optional<base::Instant> at;
  const auto by = [&](base::Instant when) { at = at ? std::min(*at, when) : when; };
  for (const Place& place : places_) {
    if (const auto slot = station::tick_at(place.slot, slot_rules_)) by(*slot);
  }
  const bool waits = std::ranges::any_of(places_, [](const Place& p) { return p.slot.waiting; });
  if (waits || passing_stop_ || reload_wanted_) by(looked_at_ + kNowAndThen);
  if (!unclosed_.empty()) by(unclosed_at_ + kNowAndThen);
  return at;
}

void Engine::tick() {
  const base::Instant now = around_.clock.now();
  for (SlotNumber number = 0; number < places_.size(); ++number) {
    const auto at = station::tick_at(places_[number].slot, slot_rules_);
    if (at && *at <= now) tell(number, Tick{});
  }
  work_off();
  try_unclosed();
  try_reload();
  const bool waits = std::ranges::any_of(places_, [](const Place& p) { return p.slot.waiting; });
  if ((waits || passing_stop_) && now >= looked_at_ + kNowAndThen) {
    refresh_stop();
    // Others may have ended: one that waited for them begins.
    reconsider();
  }
  while (!passed_.empty() && now - passed_.front() > hours(1)) passed_.pop_front();
  work_off();
}

// --- what is shown ---

Counts Engine::counts() const {
  Counts counts = session_;
  const std::int64_t judged = counts.pass + counts.fail;
  if (judged > 0) counts.yield = static_cast<double>(counts.pass) / static_cast<double>(judged);
  if (!config_.order.empty()) counts.pass = order_passed();
  counts.quantity = quantity();
  counts.last_hour = static_cast<std::int64_t>(std::ranges::count_if(
      passed_, [&](base::Instant at) { return around_.clock.now() - at <= hours(1); }));
  counts.waiting = around_.store.waiting();
  return counts;
}

SlotStatus Engine::slot_status(const Place& place) const {
  const Slot& slot = place.slot;
  SlotStatus status;
  status.name = place.config.name;
  status.port = place.config.port;
  status.state = slot.state;
  status.word = word_of(slot);
  status.since_ms = place.since_ms;
  status.device = slot.guest.id;
  status.attempt = slot.attempt;
  status.code = slot.code;
  status.short_code = slot.short_code;
  status.message = slot.message;
  if (slot.state != SlotState::empty && slot.state != SlotState::off) status.job = slot.job;
  if (is_busy(slot.state)) {
    status.phase = slot.phase;
    status.share = slot.share;
    constexpr double kSaysSomething = 0.05;
    if (slot.share > kSaysSomething) {
      const double so_far =
          std::chrono::duration<double>(around_.clock.now() - place.job_began).count();
      status.seconds_left = static_cast<int>(std::ceil(so_far * (1 - slot.share) / slot.share));
    }
  }
  if (slot.last) {
    status.last = LastResult{slot.last->state, slot.last->device, slot.last->job, slot.last->code,
                             place.last_ms};
  }
  return status;
}

Status Engine::status() const {
  Status status;
  status.station = config_.name;
  status.order = config_.order;
  status.target = work_.recipe.target;
  status.recipe = work_.recipe.id;
  status.at_ms = around_.wall_ms();
  status.draining = draining_;
  for (const Place& place : places_) status.slots.push_back(slot_status(place));
  for (const auto& [port, device] : elsewhere_) {
    status.elsewhere.push_back({around_.port_name(port), device.id});
  }
  status.counts = counts();
  status.stop = latched_stop_ ? latched_stop_ : passing_stop_;
  return status;
}

}  // namespace station
