// SPDX-License-Identifier: GPL-3.0-or-later
#include "mqtt/picture.h"

#include "station/status_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mqtt {
namespace {

using Json = nlohmann::ordered_json;

// Of a site somebody else may write to, too.
constexpr std::size_t kMostStations = 256;
constexpr std::size_t kMostSlots = 128;
constexpr std::size_t kMostPayload = std::size_t{64} * 1024;

std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The values of an object that may be anything: what is not of the right type is not there.
class Fields {
 public:
  explicit Fields(const Json& json) : json_(json) {}
  std::string text(const char* name) const {
    const Json* value = find(name);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
  }
  std::int64_t integer(const char* name) const {
    const Json* value = find(name);
    return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
  }
  std::optional<double> real(const char* name) const {
    const Json* value = find(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->get<double>();
  }
  bool truth(const char* name) const {
    const Json* value = find(name);
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }
  // Of an object or an array; an empty one where there is none.
  const Json& part(const char* name) const {
    static const Json kNone = Json::object();
    const Json* value = find(name);
    return value != nullptr && value->is_structured() ? *value : kNone;
  }
  bool has_object(const char* name) const {
    const Json* value = find(name);
    return value != nullptr && value->is_object();
  }

 private:
  const Json* find(const char* name) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  const Json& json_;
};

std::optional<station::SlotState> state_of(std::string_view text) {
  for (int number = 0; number <= static_cast<int>(station::SlotState::pulled); ++number) {
    const auto state = static_cast<station::SlotState>(number);
    if (station::name(state) == text) return state;
  }
  return std::nullopt;
}

std::optional<station::SlotStatus> slot_of(const Json& json) {
  const Fields in(json);
  const auto state = state_of(in.text("state"));
  if (!state) return std::nullopt;
  station::SlotStatus slot;
  slot.name = in.text("name");
  slot.port = in.text("port");
  slot.state = *state;
  slot.word = in.text("word");
  slot.phase = in.text("phase");
  slot.share = in.real("share").value_or(0);
  if (const auto left = in.real("seconds_left"); left && *left >= 0 && *left < 1e6) {
    slot.seconds_left = static_cast<int>(*left);
  }
  slot.device = in.text("device");
  slot.job = in.text("job");
  slot.attempt = static_cast<int>(in.integer("attempt"));
  slot.code = in.text("code");
  slot.short_code = in.text("short_code");
  slot.message = in.text("message");
  slot.since_ms = in.integer("since_ms");
  if (in.has_object("last")) {
    const Fields last(in.part("last"));
    if (const auto before = state_of(last.text("state"))) {
      slot.last = station::LastResult{*before, last.text("device"), last.text("job"),
                                      last.text("code"), last.integer("ended_ms")};
    }
  }
  return slot;
}

station::Counts counts_of(const Json& json) {
  const Fields in(json);
  station::Counts counts;
  counts.pass = in.integer("pass");
  counts.fail = in.integer("fail");
  counts.aborted = in.integer("aborted");
  counts.lost = in.integer("lost");
  counts.last_hour = in.integer("last_hour");
  counts.yield = in.real("yield");
  if (const auto quantity = in.integer("quantity"); quantity > 0) counts.quantity = quantity;
  counts.waiting = in.integer("waiting");
  return counts;
}

station::Status status_of(const std::string& name, const Json& json) {
  const Fields in(json);
  station::Status status;
  status.station = name;
  status.order = in.text("order");
  status.target = in.text("target");
  status.recipe = in.text("recipe");
  status.at_ms = in.integer("at_ms");
  status.draining = in.truth("draining");
  status.counts = counts_of(in.part("counts"));
  for (const Json& board : in.part("elsewhere")) {
    const Fields of(board);
    if (status.elsewhere.size() < kMostSlots) {
      status.elsewhere.push_back({of.text("port"), of.text("device")});
    }
  }
  if (in.has_object("stop")) {
    const Fields stop(in.part("stop"));
    status.stop = station::Stop{stop.text("code"), stop.text("text"), stop.integer("since_ms")};
  }
  return status;
}

// "STATION/what" or "STATION/what/SLOT" behind the site; none: none of ours.
struct Parts {
  std::string station;
  std::string what;
  std::string slot;
};
std::optional<Parts> parts_of(const std::string& site, const std::string& topic) {
  const std::string begin = fmt::format("er/v1/{}/", site);
  if (!topic.starts_with(begin)) return std::nullopt;
  const std::string rest = topic.substr(begin.size());
  const std::size_t first = rest.find('/');
  if (first == std::string::npos || first == 0) return std::nullopt;
  const std::size_t second = rest.find('/', first + 1);
  Parts parts{rest.substr(0, first), rest.substr(first + 1, second - first - 1), {}};
  if (second != std::string::npos) parts.slot = rest.substr(second + 1);
  return parts;
}

}  // namespace

std::string topic(const std::string& site, const std::string& station, std::string_view what) {
  return fmt::format("er/v1/{}/{}/{}", site, station, what);
}

std::vector<std::string> topics_of_hall(const std::string& site) {
  // What is not retained first: whoever sees a station's state hears its alarms.
  return {topic(site, "+", "alarm"), topic(site, "+", "progress/+"), topic(site, "+", "slot/+"),
          topic(site, "+", "state")};
}

Message offline(const std::string& site, const std::string& station) {
  return {topic(site, station, "state"), R"({"schema":1,"state":"offline"})", 1, true};
}

Message state(const std::string& site, const station::Status& status) {
  Json json = station::status_json(status);
  Json names = Json::array();
  for (const station::SlotStatus& slot : status.slots) names.push_back(slot.name);
  // Only the names, in their order: each slot has a topic of its own.
  json["slots"] = std::move(names);
  json["state"] = "online";
  return {topic(site, status.station, "state"), compact(json), 1, true};
}

Message slot(const std::string& site, const std::string& station, const station::SlotStatus& slot) {
  Json json{{"schema", 1}};
  json.update(station::slot_json(slot));
  return {topic(site, station, "slot/" + slot.name), compact(json), 1, true};
}

Message progress(const std::string& site, const std::string& station,
                 const station::SlotStatus& slot) {
  Json json{{"schema", 1}};
  json.update(station::slot_json(slot));
  return {topic(site, station, "progress/" + slot.name), compact(json), 0, false};
}

Message alarm(const std::string& site, const std::string& station, const station::Alarm& alarm) {
  Json json{{"schema", 1}};
  json.update(station::alarm_json(alarm));
  return {topic(site, station, "alarm"), compact(json), 1, false};
}

Message result(const std::string& site, const std::string& station, const std::string& row) {
  return {topic(site, station, "result"), row, 1, false};
}

Told Picture::take(const Message& message) {
  const auto parts = parts_of(site_, message.topic);
  if (!parts || message.payload.size() > kMostPayload) return {};
  if (parts->what == "state" && parts->slot.empty()) {
    return take_state(parts->station, message.payload);
  }
  if ((parts->what == "slot" || parts->what == "progress") && !parts->slot.empty()) {
    return take_slot(parts->station, parts->slot, message.payload);
  }
  if (parts->what != "alarm") return {};
  const Json json = Json::parse(message.payload, nullptr, false);
  const Fields in(json);
  Told told;
  told.alarm =
      station::Alarm{in.integer("at_ms"), in.text("code"), parts->station + ": " + in.text("text")};
  return told;
}

Told Picture::take_state(const std::string& name, std::string_view payload) {
  const Json json = Json::parse(payload, nullptr, false);
  const Fields in(json);
  Told told;
  if (in.text("state") == "offline") {
    told.gone = name;
    return told;
  }
  if (in.text("state") != "online") return told;
  if (stations_.count(name) == 0 && stations_.size() >= kMostStations) return told;
  station::Status status = status_of(name, json);
  for (const Json& one : in.part("slots")) {
    if (!one.is_string() || status.slots.size() >= kMostSlots) continue;
    station::SlotStatus slot = slots_[name][one.get<std::string>()];
    slot.name = one.get<std::string>();
    status.slots.push_back(std::move(slot));
  }
  stations_[name] = status;
  told.status = std::make_shared<const station::Status>(std::move(status));
  return told;
}

Told Picture::take_slot(const std::string& name, std::string_view slot_name,
                        std::string_view payload) {
  auto slot = slot_of(Json::parse(payload, nullptr, false));
  if (!slot || slot->name != slot_name) return {};
  if (slots_.count(name) == 0 && slots_.size() >= kMostStations) return {};
  auto& known = slots_[name];
  if (known.count(slot->name) == 0 && known.size() >= kMostSlots) return {};
  known[slot->name] = *slot;
  const auto found = stations_.find(name);
  if (found == stations_.end()) return {};
  for (station::SlotStatus& one : found->second.slots) {
    if (one.name == slot->name) one = *slot;
  }
  Told told;
  told.status = std::make_shared<const station::Status>(found->second);
  return told;
}

}  // namespace mqtt
