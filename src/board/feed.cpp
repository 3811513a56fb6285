// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/feed.h"

#include "station/status_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace board {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostAlarms = 64;

std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// JSON has no line ends of its own, so that one line of data is enough.
std::string frame(std::string_view event, std::uint64_t id, const Json& data) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id, event, compact(data));
}

bool is_only_further(const station::SlotStatus& now, const station::SlotStatus& before) {
  station::SlotStatus same = now;
  same.share = before.share;
  same.seconds_left = before.seconds_left;
  same.word = before.word;
  return same == before;
}

// But for slots, counts and the time.
bool is_same_apart(const station::Status& a, const station::Status& b) {
  return a.order == b.order && a.target == b.target && a.recipe == b.recipe &&
         a.draining == b.draining && a.elsewhere == b.elsewhere && a.stop == b.stop;
}

// What is told as `station`: everything but slots and counts.
Json frame_of(const station::Status& status, bool is_gone) {
  Json json = station::status_json(status);
  for (const char* apart : {"schema", "at_ms", "slots", "counts"}) json.erase(apart);
  json["gone"] = is_gone;
  return json;
}

}  // namespace

void Feed::take_slots(Station& station, base::Instant now) {
  const auto& slots = station.newest->slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Slot& slot = station.slots[i];
    if (slots[i] == slot.shown) continue;
    if (is_only_further(slots[i], slot.shown) && now - slot.at < kPause) continue;
    slot = {slots[i], ++last_id_, now};
    is_new_ = true;
  }
}

void Feed::on_status(const std::shared_ptr<const station::Status>& status) {
  const std::lock_guard lock(mutex_);
  const base::Instant now = clock_.now();
  const bool is_known = stations_.count(status->station) > 0;
  Station& station = stations_[status->station];
  const auto before = std::exchange(station.newest, status);
  const bool same_slots =
      is_known &&
      std::ranges::equal(
          station.slots, status->slots, {}, [](const Slot& slot) { return slot.shown.name; },
          [](const station::SlotStatus& slot) { return slot.name; });
  if (!same_slots) {
    station.slots.clear();
    for (const auto& slot : status->slots) station.slots.push_back({slot, ++last_id_, now});
    ++shape_;
    is_new_ = true;
  }
  take_slots(station, now);
  if (!before || before->counts != status->counts) {
    station.counts_id = ++last_id_;
    is_new_ = true;
  }
  const bool was_gone = std::exchange(station.is_gone, false);
  if (!before || was_gone || !is_same_apart(*before, *status)) {
    station.station_id = ++last_id_;
    is_new_ = true;
  }
  if (is_new_) changed_.notify_all();
}

void Feed::on_alarm(const station::Alarm& alarm) {
  const std::lock_guard lock(mutex_);
  alarms_.push_back({++last_id_, alarm});
  if (alarms_.size() > kMostAlarms) alarms_.pop_front();
  is_new_ = true;
  changed_.notify_all();
}

void Feed::gone(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = stations_.find(name);
  if (found == stations_.end() || found->second.is_gone) return;
  found->second.is_gone = true;
  found->second.station_id = ++last_id_;
  is_new_ = true;
  changed_.notify_all();
}

Json Feed::json_of(const Station& station) const {
  Json json = frame_of(*station.newest, station.is_gone);
  json["at_ms"] = station.newest->at_ms;
  json["counts"] = station::counts_json(station.newest->counts);
  json["slots"] = Json::array();
  for (const Slot& slot : station.slots) json["slots"].push_back(station::slot_json(slot.shown));
  return json;
}

Json Feed::state_now() const {
  Json stations = Json::array();
  for (const auto& [name, station] : stations_) stations.push_back(json_of(station));
  return {{"schema", 1}, {"ok", true}, {"rows", rows_}, {"stations", std::move(stations)}};
}

Json Feed::state() const {
  const std::lock_guard lock(mutex_);
  return state_now();
}

std::string Feed::changes(const Cursor& cursor) const {
  std::vector<std::pair<std::uint64_t, std::string>> frames;
  const auto add = [&](std::uint64_t id, std::string_view event, const Json& data) {
    frames.emplace_back(id, frame(event, id, data));
  };
  for (const auto& [name, station] : stations_) {
    for (const Slot& slot : station.slots) {
      if (slot.id <= cursor.seen) continue;
      add(slot.id, "slot", {{"station", name}, {"slot", station::slot_json(slot.shown)}});
    }
    if (station.counts_id > cursor.seen) {
      add(station.counts_id, "counts",
          {{"station", name}, {"counts", station::counts_json(station.newest->counts)}});
    }
    if (station.station_id > cursor.seen) {
      add(station.station_id, "station", frame_of(*station.newest, station.is_gone));
    }
  }
  for (const OldAlarm& alarm : alarms_) {
    if (alarm.id > cursor.seen) add(alarm.id, "alarm", station::alarm_json(alarm.alarm));
  }
  std::ranges::sort(frames);
  std::string text;
  for (const auto& [id, one] : frames) text += one;
  return text;
}

std::string Feed::next(Cursor& cursor) {
  const std::lock_guard lock(mutex_);
  const base::Instant now = clock_.now();
  for (auto& [name, station] : stations_) take_slots(station, now);
  std::string text;
  if (cursor.shape != shape_) {
    text = frame("snapshot", last_id_, state_now());
  } else {
    text = changes(cursor);
  }
  if (text.empty() && now - cursor.last >= kBeat) text = frame("beat", last_id_, Json::object());
  if (text.empty()) return text;
  cursor = {last_id_, shape_, now};
  return text;
}

void Feed::wait(base::Millis most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [this] { return is_new_; });
  is_new_ = false;
}

void Feed::wake() {
  const std::lock_guard lock(mutex_);
  is_new_ = true;
  changed_.notify_all();
}

}  // namespace board
