// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/status_json.h"

#include <nlohmann/json.hpp>

namespace station {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json last_json(const std::optional<LastResult>& last) {
  if (!last) return nullptr;
  return {{"state", name(last->state)},
          {"device", text_or_null(last->device)},
          {"job", text_or_null(last->job)},
          {"code", text_or_null(last->code)},
          {"ended_ms", last->ended_ms}};
}

}  // namespace

Json slot_json(const SlotStatus& slot) {
  return {{"name", slot.name},
          {"port", slot.port},
          {"state", name(slot.state)},
          {"word", slot.word},
          {"phase", text_or_null(slot.phase)},
          {"share", slot.share},
          {"seconds_left", or_null(slot.seconds_left)},
          {"device", text_or_null(slot.device)},
          {"job", text_or_null(slot.job)},
          {"attempt", slot.attempt},
          {"code", text_or_null(slot.code)},
          {"short_code", text_or_null(slot.short_code)},
          {"message", text_or_null(slot.message)},
          {"since_ms", slot.since_ms},
          {"last", last_json(slot.last)}};
}

Json counts_json(const Counts& counts) {
  return {{"pass", counts.pass},
          {"fail", counts.fail},
          {"aborted", counts.aborted},
          {"lost", counts.lost},
          {"last_hour", counts.last_hour},
          {"yield", or_null(counts.yield)},
          {"quantity", or_null(counts.quantity)},
          {"waiting", counts.waiting}};
}

Json alarm_json(const Alarm& alarm) {
  return {{"at_ms", alarm.at_ms}, {"code", alarm.code}, {"text", alarm.text}};
}

Json stop_json(const std::optional<Stop>& stop) {
  if (!stop) return nullptr;
  return {{"code", stop->code}, {"text", stop->text}, {"since_ms", stop->since_ms}};
}

Json status_json(const Status& status) {
  Json slots = Json::array();
  for (const SlotStatus& slot : status.slots) slots.push_back(slot_json(slot));
  Json elsewhere = Json::array();
  for (const Elsewhere& board : status.elsewhere) {
    elsewhere.push_back({{"port", board.port}, {"device", text_or_null(board.device)}});
  }
  return {{"schema", 1},
          {"station", status.station},
          {"order", text_or_null(status.order)},
          {"target", status.target},
          {"recipe", status.recipe},
          {"at_ms", status.at_ms},
          {"draining", status.draining},
          {"slots", std::move(slots)},
          {"elsewhere", std::move(elsewhere)},
          {"counts", counts_json(status.counts)},
          {"stop", stop_json(status.stop)}};
}

}  // namespace station
