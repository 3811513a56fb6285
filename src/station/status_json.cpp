// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/status_json.h"

#include "base/json_values.h"

#include <nlohmann/json.hpp>

namespace station {
namespace {

using Json = nlohmann::ordered_json;

Json last_json(const std::optional<LastResult>& last) {
  if (!last) return nullptr;
  return {{"state", name(last->state)},
          {"device", base::text_or_null(last->device)},
          {"job", base::text_or_null(last->job)},
          {"code", base::text_or_null(last->code)},
          {"ended_ms", last->ended_ms}};
}

}  // namespace

Json slot_json(const SlotStatus& slot) {
  return {{"name", slot.name},
          {"port", slot.port},
          {"state", name(slot.state)},
          {"word", slot.word},
          {"phase", base::text_or_null(slot.phase)},
          {"share", slot.share},
          {"seconds_left", base::or_null(slot.seconds_left)},
          {"device", base::text_or_null(slot.device)},
          {"job", base::text_or_null(slot.job)},
          {"attempt", slot.attempt},
          {"code", base::text_or_null(slot.code)},
          {"short_code", base::text_or_null(slot.short_code)},
          {"message", base::text_or_null(slot.message)},
          {"since_ms", slot.since_ms},
          {"last", last_json(slot.last)}};
}

Json counts_json(const Counts& counts) {
  return {{"pass", counts.pass},
          {"fail", counts.fail},
          {"aborted", counts.aborted},
          {"lost", counts.lost},
          {"last_hour", counts.last_hour},
          {"yield", base::or_null(counts.yield)},
          {"quantity", base::or_null(counts.quantity)},
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
    elsewhere.push_back({{"port", board.port}, {"device", base::text_or_null(board.device)}});
  }
  return {{"schema", 1},
          {"station", status.station},
          {"order", base::text_or_null(status.order)},
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
