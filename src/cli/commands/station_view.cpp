// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/station_view.h"

#include "base/bytes.h"
#include "base/json_values.h"
#include "report/document.h"
#include "report/style.h"
#include "station/engine.h"
#include "station/status_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;
using station::Alarm;
using station::SlotState;
using station::SlotStatus;
using station::Status;

constexpr std::int64_t kQuarterSecond = 250;

Json line(const char* event) { return {{"schema", 1}, {"event", event}}; }

Json result_line(const station::Result& result) {
  Json json = line("result");
  json["slot"] = result.slot;
  json["job"] = result.opening.id;
  json["kind"] = records::name(result.opening.kind);
  json["attempt"] = result.opening.attempt;
  json["device"] = base::text_or_null(result.ending.device.empty() ? result.opening.device
                                                                   : result.ending.device);
  json["outcome"] = records::name(result.ending.outcome);
  json["code"] = base::text_or_null(result.ending.code);
  json["short_code"] = base::text_or_null(result.short_code);
  json["message"] = base::text_or_null(result.ending.message);
  json["seconds"] = result.ending.seconds;
  json["recorded"] = result.recorded;
  return json;
}

// --json: a line for everything that is new.
class Lines final : public station::Listener {
 public:
  explicit Lines(Context& context) : context_(context) {}

  void on_alarm(const Alarm& alarm) override {
    Json json = line("alarm");
    json.update(station::alarm_json(alarm));
    say(json);
  }
  void on_result(const station::Result& result) override { say(result_line(result)); }
  void on_status(const std::shared_ptr<const Status>& status) override {
    if (before_ == nullptr) {
      Json json = line("snapshot");
      json["status"] = station::status_json(*status);
      say(json);
    } else {
      for (std::size_t n = 0; n < status->slots.size(); ++n) slot(n, *status);
      if (!(status->counts == before_->counts)) {
        Json json = line("counts");
        json["counts"] = station::counts_json(status->counts);
        say(json);
      }
      if (!(status->stop == before_->stop)) {
        Json json = line("stop");
        json["stop"] = station::stop_json(status->stop);
        say(json);
      }
      if (!(status->elsewhere == before_->elsewhere)) {
        Json json = line("elsewhere");
        json["boards"] = station::status_json(*status)["elsewhere"];
        say(json);
      }
    }
    before_ = status;
  }

 private:
  void slot(std::size_t number, const Status& status) {
    const SlotStatus& now = status.slots[number];
    auto& told = told_[number];
    if (told && now == told->first) return;
    // Progress may wait, a state may not.
    const bool same_state = told && told->first.state == now.state && told->first.job == now.job;
    if (same_state && status.at_ms - told->second < kQuarterSecond &&
        status.at_ms >= told->second) {
      return;
    }
    told.emplace(now, status.at_ms);
    Json json = line("slot");
    json["slot"] = station::slot_json(now);
    say(json);
  }
  void say(const Json& json) { context_.print(line_of(json)); }

  Context& context_;
  std::shared_ptr<const Status> before_;
  std::map<std::size_t, std::optional<std::pair<SlotStatus, std::int64_t>>> told_;
};

report::Tone tone_of(SlotState state) {
  switch (state) {
    case SlotState::pass:
    case SlotState::done_already:
      return report::Tone::good;
    case SlotState::fail:
      return report::Tone::bad;
    case SlotState::hold:
    case SlotState::needs_hand:
    case SlotState::pulled:
    case SlotState::retrying:
      return report::Tone::warning;
    default:
      return report::Tone::quiet;
  }
}

std::string top_line(const Status& status) {
  const station::Counts& counts = status.counts;
  std::string text = fmt::format("{}  {}", status.station, status.target);
  if (!status.order.empty()) text += "  " + base::printable(status.order);
  text += fmt::format("  pass {}", counts.pass);
  if (counts.quantity) text += fmt::format(" of {}", *counts.quantity);
  text += fmt::format("  fail {}", counts.fail);
  if (counts.yield) text += fmt::format("  yield {:.0f} %", 100 * *counts.yield);
  text += fmt::format("  last hour {}", counts.last_hour);
  if (counts.waiting > 0) text += fmt::format("  {} waiting", counts.waiting);
  if (status.draining) text += "  ENDING";
  return text;
}

// Without a terminal, or where its cursor cannot be moved: what has come to a new state.
class Plain final : public station::Listener {
 public:
  explicit Plain(Context& context) : context_(context) {}
  void on_alarm(const Alarm& alarm) override {
    context_.print(fmt::format("ALARM  {}: {}\n", alarm.code, base::printable(alarm.text)));
  }
  void on_status(const std::shared_ptr<const Status>& status) override {
    for (const SlotStatus& slot : status->slots) {
      auto& before = shown_[slot.name];
      const bool news = before.first != slot.state || before.second != slot.code;
      before = {slot.state, slot.code};
      if (!news || slot.state == SlotState::seen || slot.state == SlotState::empty) continue;
      // How far it is does not belong into a line that is never changed.
      const std::string word = slot.state == SlotState::working ? "WORKING" : slot.word;
      context_.print(fmt::format("{:<6} {:<24} {}  {}\n", slot.name, word,
                                 slot.device.empty() ? std::string(24, '-') : slot.device,
                                 base::printable(slot.message)));
    }
    if (!(status->stop == stop_)) {
      context_.print(status->stop ? "STOP  " + status->stop->text + "\n" : "STOP  ended\n");
      stop_ = status->stop;
    }
  }

 private:
  Context& context_;
  std::map<std::string, std::pair<SlotState, std::string>> shown_;
  std::optional<station::Stop> stop_;
};

// A table that stays where it is; drawn at most four times a second, and only where it differs.
class Table final : public station::Listener {
 public:
  Table(Context& context, std::size_t slots)
      : context_(context),
        width_(static_cast<std::size_t>(std::max(20, context.console.terminal().width - 1))),
        lines_(slots + 3) {}

  void on_alarm(const Alarm& alarm) override {
    alarm_ = alarm.code + ": " + base::printable(alarm.text);
  }
  void on_status(const std::shared_ptr<const Status>& status) override {
    const bool soon = drawn_ && status->at_ms - at_ms_ < kQuarterSecond && status->at_ms >= at_ms_;
    if (soon && same_states(*status)) return;
    at_ms_ = status->at_ms;
    before_ = status;
    std::vector<std::pair<std::string, report::Tone>> now;
    now.emplace_back(top_line(*status), report::Tone::quiet);
    now.emplace_back(status->stop ? "STOP: " + status->stop->text : std::string(),
                     report::Tone::bad);
    for (const SlotStatus& slot : status->slots) {
      const std::string word = slot.state == SlotState::empty ? "-" : slot.word;
      now.emplace_back(fmt::format("{:<6} {:<36} {:<24} {}", slot.name, word, slot.device,
                                   base::printable(slot.message)),
                       tone_of(slot.state));
    }
    std::string strays = alarm_;
    if (!status->elsewhere.empty()) {
      strays = fmt::format("{} not in a slot: {}  {}", status->elsewhere.size(),
                           status->elsewhere.front().port, alarm_);
    }
    now.emplace_back(strays, report::Tone::warning);
    draw(now);
  }

 private:
  bool same_states(const Status& status) const {
    return before_ != nullptr && before_->stop == status.stop &&
           std::ranges::equal(before_->slots, status.slots,
                              [](const SlotStatus& a, const SlotStatus& b) {
                                return a.state == b.state && a.code == b.code;
                              });
  }
  void draw(const std::vector<std::pair<std::string, report::Tone>>& now) {
    std::string text = drawn_ ? fmt::format("\x1b[{}F", lines_) : std::string();
    for (const auto& [line, tone] : now) {
      text += report::paint(context_.style(), tone, line.substr(0, cut(line))) + "\x1b[K\n";
    }
    drawn_ = true;
    context_.print(text);
  }
  // Bytes of the characters that fit into a line.
  std::size_t cut(const std::string& line) const {
    std::size_t characters = 0;
    std::size_t at = 0;
    for (; at < line.size(); ++at) {
      const bool begins = (static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U;
      if (begins && ++characters > width_) break;
    }
    return at;
  }

  Context& context_;
  std::size_t width_;
  std::size_t lines_;
  bool drawn_ = false;
  std::int64_t at_ms_ = 0;
  std::shared_ptr<const Status> before_;
  std::string alarm_;
};

}  // namespace

std::unique_ptr<station::Listener> make_station_view(Context& context, std::size_t slots) {
  if (context.global.json) return std::make_unique<Lines>(context);
  const report::Terminal& terminal = context.console.terminal();
  if (!terminal.out_is_terminal || terminal.dumb) return std::make_unique<Plain>(context);
  return std::make_unique<Table>(context, slots);
}

nlohmann::ordered_json station_done_document(station::Command::What what,
                                             const std::string& subject) {
  Json document = report::document();
  document["command"] = station::name(what);
  document["subject"] = base::text_or_null(subject);
  return document;
}

}  // namespace cli
