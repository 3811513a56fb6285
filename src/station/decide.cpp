// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/decide.h"

#include <fmt/format.h>

#include <algorithm>

namespace station {
namespace {

Decided hold(std::string code, std::string message) {
  return {.what = Decided::What::hold, .code = std::move(code), .message = std::move(message)};
}
Decided wait(std::string code, std::string message) {
  return {.what = Decided::What::wait, .code = std::move(code), .message = std::move(message)};
}

// A recall: this station cannot give it what it must get.
std::string must_get(const records::Assignment& assigned) {
  constexpr std::size_t kTold = 12;  // of a recipe's id, as elsewhere
  std::string text = fmt::format("it must get recipe {}, and this station has another",
                                 assigned.recipe.substr(0, kTold));
  if (!assigned.reason.empty()) text += ": " + assigned.reason;
  return text;
}

// Where it passed last with this recipe, if that is the last that is known of it: "line1-a A3".
std::optional<std::string> passed_at(const Facts& facts) {
  const auto& last = facts.history.last;
  const auto& elsewhere = facts.history.elsewhere;
  const bool last_is_here =
      last && last->ending && (!elsewhere || last->ending->ended_ms >= elsewhere->ended_ms);
  if (last_is_here) {
    if (last->ending->outcome != records::Outcome::pass) return std::nullopt;
    if (last->opening.recipe != facts.recipe) return std::nullopt;
    return last->opening.station + " " + last->opening.slot;
  }
  if (!elsewhere || !elsewhere->passed || elsewhere->recipe != facts.recipe) return std::nullopt;
  return elsewhere->station + " " + elsewhere->slot;
}

}  // namespace

bool is_golden(const PolicyConfig& policy, const std::string& device) {
  return !device.empty() && std::ranges::find(policy.golden, device) != policy.golden.end();
}

Decided decide(const PolicyConfig& policy, const Facts& facts) {
  const bool golden = is_golden(policy, facts.guest.id);
  Decided decided;
  decided.guest = facts.guest;
  decided.tries = policy.tries;
  const auto with_guest = [&](Decided other) {
    other.guest = facts.guest;
    return other;
  };
  if (facts.draining) return with_guest(wait("draining", "the station ends: nothing new is begun"));
  if (facts.stop && !(golden && facts.stop->code == "golden-due")) {
    return with_guest(wait(facts.stop->code, facts.stop->text));
  }
  if (facts.history.held) {
    return with_guest(hold("held", "this device is held: the lead has to release it"));
  }
  const auto& assigned = facts.history.assigned;
  if (!golden && assigned && assigned->recipe != facts.recipe) {
    return with_guest(hold("another-recipe", must_get(*assigned)));
  }
  if (golden) {
    decided.kind = records::Kind::golden;
  } else {
    const int left = policy.device_tries - facts.history.fails;
    if (left <= 0 && !facts.again) {
      return with_guest(hold("too-many-tries",
                             fmt::format("this device failed {} times: the lead has to release it",
                                         facts.history.fails)));
    }
    decided.tries = std::max(1, std::min(policy.tries, left));
    if (const auto where = passed_at(facts); where && !facts.again) {
      if (policy.done_already == DoneAlready::show) {
        decided.what = Decided::What::done_already;
        decided.message = "passed before, at " + *where;
        return decided;
      }
      if (policy.done_already == DoneAlready::verify) decided.kind = records::Kind::verify;
    }
  }
  if (policy.at_once > 0 && facts.busy >= policy.at_once) {
    return with_guest(wait("at-once", "others are worked on first"));
  }
  return decided;
}

StopRules::Verdict StopRules::note(const Judged& judged) {
  Verdict verdict;
  const bool passed = judged.outcome == records::Outcome::pass;
  if (!passed && judged.outcome != records::Outcome::fail) return verdict;

  fails_in_a_row_ = passed ? 0 : fails_in_a_row_ + 1;
  last_.push_back(passed);
  if (last_.size() > kYieldOver) last_.pop_front();
  auto& in_slot = slot_fails_[judged.slot];
  if (passed) {
    in_slot.clear();
  } else if (judged.device.empty() || std::ranges::find(in_slot, judged.device) == in_slot.end()) {
    in_slot.push_back(judged.device);
  }

  if (policy_.stop_slot_in_a_row > 0 &&
      in_slot.size() >= static_cast<std::size_t>(policy_.stop_slot_in_a_row)) {
    verdict.slot_off = fmt::format("{} devices failed here in a row", in_slot.size());
    in_slot.clear();
  }
  if (policy_.stop_in_a_row > 0 && fails_in_a_row_ >= policy_.stop_in_a_row) {
    verdict.stop = Stop{"fails-in-a-row", fmt::format("{} FAILS · CALL LEAD", fails_in_a_row_), 0};
  } else if (policy_.stop_yield > 0 && last_.size() == kYieldOver) {
    const auto good = std::ranges::count(last_, true);
    const double yield = static_cast<double>(good) / static_cast<double>(kYieldOver);
    if (yield < policy_.stop_yield) {
      verdict.stop = Stop{"yield", fmt::format("YIELD {:.0f} % · CALL LEAD", 100 * yield), 0};
    }
  }
  return verdict;
}

void StopRules::unlock() {
  fails_in_a_row_ = 0;
  last_.clear();
}

void StopRules::switch_on(const std::string& slot) { slot_fails_.erase(slot); }

}  // namespace station
