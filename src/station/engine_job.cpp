// SPDX-License-Identifier: GPL-3.0-or-later
//
// The part of the engine that is about one board in its slot: the question who it is, the decision,
// its row, its job, its hooks, its result.
#include "report/job_report.h"
#include "station/engine.h"
#include "station/words.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace station {

using records::Outcome;

// --- who is it? ---

void Engine::do_it(SlotNumber number, const Ask& ask) {
  Place& place = places_[number];
  place.again = ask.again;
  place.chosen = false;
  place.decided.reset();
  const Guest& guest = place.slot.guest;
  // Where a server may want something of a device, it has to be known, too.
  const bool wants_id = config_.policy.done_already != DoneAlready::again ||
                        !config_.policy.golden.empty() || !config_.records.forward.empty();
  refresh_stop();
  // Not while nothing would come of it: a question restarts the device.
  const bool stands = latched_stop_ || draining_ || reload_wanted_ ||
                      (passing_stop_ && passing_stop_->code != "golden-due");
  if (guest.id.empty() && wants_id && !stands && place.device &&
      place.device->mode != discovery::Mode::dfu) {
    return around_.crew.identify(number, *place.device);
  }
  decide_now(number, guest);
}

void Engine::take(SlotNumber number, const Identified& news) {
  Place& place = places_[number];
  Guest guest = place.slot.guest;
  if (news.identity && !news.identity->id.empty()) {
    guest = {news.identity->id, records::IdentityBy::listening};
  }
  if (!place.slot.present) return tell(number, Idle{});
  decide_now(number, guest);
}

void Engine::decide_now(SlotNumber number, const Guest& guest) {
  Place& place = places_[number];
  Facts facts;
  facts.guest = guest;
  facts.again = place.again;
  facts.recipe = work_.recipe.id;
  facts.stop = latched_stop_ ? latched_stop_ : passing_stop_;
  facts.draining = draining_ || reload_wanted_;
  facts.busy = busy();
  if (!guest.id.empty()) {
    auto history = around_.store.history(guest.id);
    if (!history) {
      Decided hold;
      hold.what = Decided::What::hold;
      hold.code = "no-record";
      hold.message = history.error().message;
      hold.guest = guest;
      return tell(number, hold);
    }
    facts.history = std::move(*history);
  }
  Decided decided = decide(config_.policy, facts);
  place.facts = std::move(facts);
  if (decided.what != Decided::What::work) return this->decided(number, std::move(decided));
  place.before = {};
  place.opening = {};
  place.opening.id = around_.new_id();
  place.opening.device = guest.id;
  place.opening.identity_by = guest.by;
  place.opening.slot = place.config.name;
  place.opening.station = config_.name;
  place.opening.recipe = work_.recipe.id;
  place.opening.kind = decided.kind;
  const std::vector<HookConfig> before = hooks(HookConfig::On::before);
  if (before.empty()) return this->decided(number, std::move(decided));
  place.decided = std::move(decided);
  around_.crew.run_hooks(number, {before, place.opening.id, place.config.name,
                                  hook_document(HookConfig::On::before, hook_facts(place))});
}

void Engine::decided(SlotNumber number, Decided decided) {
  places_[number].chosen = decided.what == Decided::What::work;
  if (places_[number].chosen) taken_up(number, decided.guest.id);
  tell(number, std::move(decided));
}

// --- its job ---

void Engine::do_it(SlotNumber number, const Start& start) {
  Place& place = places_[number];
  const std::string previous = start.attempt > 1 ? place.opening.id
                               : !place.previous.empty() || !place.facts.history.last
                                   ? place.previous
                                   : place.facts.history.last->opening.id;
  if (start.attempt > 1 || place.opening.id.empty()) place.opening.id = around_.new_id();
  records::Opening& opening = place.opening;
  opening.station = config_.name;
  opening.slot = place.config.name;
  opening.recipe = work_.recipe.id;
  opening.kind = start.kind;
  opening.previous = previous;
  opening.attempt = start.attempt;
  opening.device = place.slot.guest.id;
  opening.identity_by = place.slot.guest.by;
  opening.operator_name = place.before.operator_name;
  opening.order_no = place.before.order.empty() ? config_.order : place.before.order;
  opening.started_ms = around_.wall_ms();
  opening.boot = around_.boot;
  opening.clock_is_sure = around_.clock_is_sure && around_.clock_is_sure();
  opening.tool = around_.tool;
  place.memory = {};
  place.report.reset();
  place.job_began = around_.clock.now();
  if (const auto opened = around_.store.open_row(opening); !opened) {
    alarm("no-record", opened.error().message);
    return tell(number, CannotStart{"no-record", opened.error().message});
  }
  place.row_open = true;
  if (start.attempt == 1) write_hook_runs(opening.id, place.before);
  tell(number, Started{opening.id});
  around_.crew.run_job(number, {.device = *place.device,
                                .kind = start.kind,
                                .job = opening.id,
                                .made_at = fmt::format("{}", opening.started_ms),
                                .slot = place.config.name,
                                .hub = place.hub,
                                .boots_at_once = config_.policy.boots_at_once});
}

void Engine::do_it(SlotNumber number, const Cancel&) { around_.crew.cancel(number, true); }

void Engine::take(SlotNumber number, const JobSaid& news) {
  Place& place = places_[number];
  remember(place.memory, news.event);
  if (const auto* person = std::get_if<events::PersonNeeded>(&news.event)) {
    return tell(number, HandWanted{person->what});
  }
  if (!std::holds_alternative<events::StepStarted>(news.event) &&
      !std::holds_alternative<events::Progress>(news.event)) {
    return;
  }
  const auto doing = place.memory.doing;
  tell(number, Advanced{doing ? std::string(phase_of(*doing, place.memory.part)) : std::string(),
                        place.memory.share, may_restart(place.memory)});
}

void Engine::take(SlotNumber number, const JobSaw& news) {
  Place& place = places_[number];
  place.ahead = place.device && !discovery::same_enumeration(place.device->info, news.device);
}

void Engine::take(SlotNumber number, const JobOver& news) {
  Place& place = places_[number];
  place.ahead = false;
  place.report = news.report;
  const JobEnd end = job_end_of(*news.report, place.memory);
  if (place.slot.guest.id.empty()) taken_up(number, end.guest.id);
  tell(number, Ended{end});
}

// --- its result ---

void Engine::do_it(SlotNumber number, const Close& close) {
  Place& place = places_[number];
  records::Ending ending;
  place.report_text.clear();
  if (place.report) {
    ending = ending_of(*place.report, place.memory);
    place.report_text = report::job_json(*place.report, release::Catalogue::embedded())
                            .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  } else {
    ending.seconds = std::chrono::duration<double>(around_.clock.now() - place.job_began).count();
  }
  ending.outcome = close.outcome;
  ending.code = close.code;
  ending.message = close.message;
  ending.ended_ms = around_.wall_ms();
  ending.operator_name = place.before.operator_name;
  ending.order_no = place.before.order;
  place.ending = ending;
  place.row_open = false;
  place.previous = place.opening.id;
  const auto closed = around_.store.close_row(place.opening.id, ending, place.report_text);
  if (!closed) {
    alarm("no-record", closed.error().message);
    unclosed_.push_back({place.opening.id, ending, place.report_text});
    unclosed_at_ = around_.clock.now();
  }
  results_.push_back({place.config.name, place.opening, ending,
                      place.slot.ended ? place.slot.ended->short_code : std::string(),
                      closed.has_value()});
  judge(number, close, ending);
  tell(number, Closed{closed.has_value(), closed ? std::string() : closed.error().message});
}

// A golden unit shows that the station is well: it is none of what is made here.
void Engine::count(const Place& place, const std::string& device, Outcome outcome) {
  if (place.opening.kind == records::Kind::golden) return;
  switch (outcome) {
    case Outcome::pass:
      ++session_.pass;
      passed_.push_back(around_.clock.now());
      if (counts_for_order(place.opening, device)) ++order_passed_;
      break;
    case Outcome::fail:
      ++session_.fail;
      break;
    case Outcome::aborted:
      ++session_.aborted;
      break;
    case Outcome::lost:
      ++session_.lost;
      break;
  }
}

// An order wants devices, and one that passed for it twice is one.
bool Engine::counts_for_order(const records::Opening& opening, const std::string& device) const {
  if (config_.order.empty() || opening.order_no != config_.order) return false;
  if (opening.kind != records::Kind::work) return false;
  if (device.empty()) return true;
  const auto before = around_.store.passed_for_order(config_.order, device, opening.id);
  return !before || !*before;
}

void Engine::judge(SlotNumber number, const Close& close, const records::Ending& ending) {
  Place& place = places_[number];
  const std::string device = ending.device.empty() ? place.opening.device : ending.device;
  if (!close.final) return;
  count(place, device, ending.outcome);
  place.previous.clear();
  if (ending.outcome == Outcome::aborted || ending.outcome == Outcome::lost) {
    place.previous = place.opening.id;  // the next one here goes on with it
  }
  if (place.opening.kind == records::Kind::golden) {
    if (ending.outcome == Outcome::pass) golden_ms_ = ending.ended_ms;
    if (ending.outcome == Outcome::fail) {
      raise_stop({"golden-failed", "GOLDEN UNIT FAILED · CALL LEAD", 0});
    }
  } else if (close.counts) {
    const StopRules::Verdict verdict =
        stop_rules_.note({place.config.name, device, ending.outcome});
    if (!verdict.slot_off.empty()) {
      tell(number, Switched{false, verdict.slot_off});
      alarm("slot-off", place.config.name + ": " + verdict.slot_off);
      act("slot-off", place.config.name + ": " + verdict.slot_off);
    }
    if (verdict.stop) raise_stop(*verdict.stop);
  }
  refresh_stop();
  if (config_.policy.at_once > 0) reconsider();
}

// --- hooks ---

void Engine::do_it(SlotNumber number, const RunResultHook&) {
  Place& place = places_[number];
  const std::vector<HookConfig> result = hooks(HookConfig::On::result);
  if (result.empty()) return tell(number, HookEnded{});
  HookFacts facts = hook_facts(place);
  facts.ending = place.ending;
  facts.report = place.report_text;
  around_.crew.run_hooks(number, {result, place.opening.id, place.config.name,
                                  hook_document(HookConfig::On::result, facts)});
}

void Engine::take(SlotNumber number, const HooksOver& news) {
  if (number == kNoSlot) {
    // Of a stop, or of a job before this run: nothing waits for it.
    for (const std::string& line : news.verdict.log) alarm("hook", line);
    for (const records::HookRun& run : news.verdict.runs) {
      if (run.job.empty()) continue;
      if (const auto written = around_.store.add_hook_run(run); !written) {
        alarm("no-record", written.error().message);
      }
    }
    return;
  }
  Place& place = places_[number];
  for (const std::string& line : news.verdict.log) alarm("hook", place.config.name + ": " + line);
  if (!place.decided) {
    write_hook_runs(place.opening.id, news.verdict);
    return tell(number, HookEnded{news.verdict.hold, news.verdict.message});
  }
  place.before = news.verdict;
  Decided decided = std::move(*std::exchange(place.decided, std::nullopt));
  if (!place.slot.present) {
    write_hook_runs(place.opening.id, news.verdict);
    return tell(number, Idle{});
  }
  if (news.verdict.hold) {
    write_hook_runs(place.opening.id, news.verdict);
    decided.what = Decided::What::hold;
    decided.code = news.verdict.code;
    decided.message = news.verdict.message;
  }
  this->decided(number, std::move(decided));
}

void Engine::write_hook_runs(const std::string& job, const HookVerdict& verdict) {
  for (records::HookRun run : verdict.runs) {
    run.job = job;
    if (const auto written = around_.store.add_hook_run(run); !written) {
      alarm("no-record", written.error().message);
    }
  }
}

HookFacts Engine::hook_facts(const Place& place) const {
  HookFacts facts;
  facts.station = config_.name;
  facts.order = place.before.order.empty() ? config_.order : place.before.order;
  facts.slot = place.config.name;
  facts.job = place.opening;
  facts.target = work_.recipe.target;
  return facts;
}

std::vector<HookConfig> Engine::hooks(HookConfig::On on) const {
  std::vector<HookConfig> result;
  std::ranges::copy_if(config_.hooks, std::back_inserter(result),
                       [&](const HookConfig& hook) { return hook.on == on; });
  return result;
}

}  // namespace station
