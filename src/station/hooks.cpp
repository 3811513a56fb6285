// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/hooks.h"

#include "base/bytes.h"
#include "base/json_values.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace station {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kRefused = 10;
constexpr int kNotNow = 75;  // EX_TEMPFAIL of sysexits.h

Json job_json(const records::Opening& job) {
  return {{"id", job.id},
          {"kind", records::name(job.kind)},
          {"attempt", job.attempt},
          {"previous", base::text_or_null(job.previous)},
          {"started_ms", job.started_ms}};
}

Json result_json(const HookFacts& facts) {
  const records::Ending& ending = *facts.ending;
  Json result{{"outcome", records::name(ending.outcome)},
              {"code", base::text_or_null(ending.code)},
              {"message", base::text_or_null(ending.message)},
              {"ended_ms", ending.ended_ms},
              {"seconds", ending.seconds},
              {"imei", base::text_or_null(ending.imei)},
              {"iccid", base::text_or_null(ending.iccid)},
              {"before_release", base::text_or_null(ending.before_release)},
              {"after_release", base::text_or_null(ending.after_release)},
              {"report", nullptr}};
  if (!facts.report.empty()) result["report"] = Json::parse(facts.report, nullptr, false);
  return result;
}

// The first characters of a text that a hook said, on one line.
std::string short_text(const std::string& text, std::size_t most) {
  std::string line = base::printable(text);
  if (line.size() > most) {
    line.resize(most);
    // No half character at the end.
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U)
      line.pop_back();
    if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0U) line.pop_back();
  }
  return line;
}

std::string text_in(const Json& object, const char* key, std::size_t most) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return short_text(found->get<std::string>(), most);
}

void take_output(HookAnswer& answer, const std::string& output) {
  const Json said = Json::parse(output, nullptr, false);
  if (!said.is_object()) return;
  answer.message = text_in(said, "message", kMostMessage);
  answer.operator_name = text_in(said, "operator", kMostMessage);
  answer.order = text_in(said, "order", kMostMessage);
  const auto fields = said.find("fields");
  if (fields == said.end() || !fields->is_object()) return;
  const std::string text = fields->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kMostFields) answer.fields = text;
}

std::string why_failed(const HookConfig& hook, const os::ChildEnd& end) {
  const std::string program = base::printable(hook.run.front());
  if (!end.started) return fmt::format("{} did not start: {}", program, end.problem);
  if (end.timed_out) {
    return fmt::format("{} did not answer in time{}", program,
                       end.killed ? ", and had to be killed" : "");
  }
  if (end.stopped) return fmt::format("{} was stopped", program);
  if (!end.exit_code) return fmt::format("{} was ended by a signal", program);
  return fmt::format("{} failed with exit {}", program, *end.exit_code);
}

}  // namespace

std::string hook_document(HookConfig::On on, const HookFacts& facts) {
  Json document{{"schema", 1},
                {"event", name(on)},
                {"station", {{"name", facts.station}, {"order", base::text_or_null(facts.order)}}}};
  if (on == HookConfig::On::stop) {
    document["stop"] = {{"code", facts.stop_code}, {"text", facts.stop_text}};
  } else {
    document["slot"] = facts.slot;
    document["device"] = {{"id", base::text_or_null(facts.job.device)},
                          {"identity_by", records::name(facts.job.identity_by)}};
    document["job"] = job_json(facts.job);
    document["recipe"] = {{"id", facts.job.recipe}, {"target", facts.target}};
    if (facts.ending) document["result"] = result_json(facts);
  }
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

HookAnswer interpret(const HookConfig& hook, const os::ChildEnd& end) {
  HookAnswer answer;
  take_output(answer, end.output);
  using What = HookAnswer::What;
  const bool answered = end.started && !end.timed_out && !end.stopped && end.exit_code.has_value();
  if (answered && *end.exit_code == 0) {
    answer.what = What::go_on;
  } else if (answered && *end.exit_code == kRefused) {
    answer.what = What::refused;
    if (answer.message.empty()) answer.message = "not this device";
  } else if (answered && *end.exit_code == kNotNow) {
    answer.what = What::not_now;
    if (answer.message.empty()) answer.message = "not now";
  } else {
    answer.what = What::failed;
    if (answer.message.empty()) answer.message = short_text(why_failed(hook, end), kMostMessage);
  }
  return answer;
}

bool add_answer(HookVerdict& verdict, const HookConfig& hook, const HookAnswer& answer) {
  using What = HookAnswer::What;
  if (!answer.operator_name.empty()) verdict.operator_name = answer.operator_name;
  if (!answer.order.empty()) verdict.order = answer.order;
  if (answer.what == What::go_on) {
    if (!answer.message.empty()) verdict.message = answer.message;
    return true;
  }
  // That it is not this device is an answer, not an error.
  if (answer.what != What::refused && hook.on_error == HookConfig::OnError::note) {
    verdict.log.push_back(answer.message);
    return true;
  }
  verdict.hold = true;
  verdict.message = answer.message;
  switch (answer.what) {
    case What::refused:
      verdict.code = "hook-refused";
      break;
    case What::not_now:
      verdict.code = "hook-not-now";
      break;
    default:
      verdict.code = "hook-failed";
      break;
  }
  return false;
}

}  // namespace station
