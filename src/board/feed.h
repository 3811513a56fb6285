// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// From what stations show to what browsers get: events of text/event-stream. Nothing is kept for a
// reader but how far he is: one who is slow gets the newest state of each slot, never a queue.
// Thread-safe.

#include "base/clock.h"
#include "station/status.h"

#include <nlohmann/json_fwd.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace board {

// How far a reader is.
struct Cursor {
  std::uint64_t seen = 0;
  std::uint64_t shape = 0;  // 0: he has not got anything
  base::Instant last{};     // when he got something last
};

class Feed final : public station::Listener {
 public:
  // So often at most does a slot tell how far it is; what is more than that is told at once.
  static constexpr base::Millis kPause{250};
  static constexpr base::Micros kBeat = std::chrono::seconds(5);

  // `rows` of tiles; 0: as fits. `clock` outlives it.
  explicit Feed(const base::Clock& clock, int rows = 0) : clock_(clock), rows_(rows) {}

  void on_status(const std::shared_ptr<const station::Status>& status) override;
  void on_alarm(const station::Alarm& alarm) override;
  // In a hall: this station does not answer any more; what it showed last is kept, and said to be
  // old.
  void gone(const std::string& station);

  // What a reader has not got yet: first a `snapshot`, then `slot`, `counts`, `alarm`, `station`,
  // in the order of their ids; `beat` where there was nothing for a while. Empty: nothing new.
  std::string next(Cursor& cursor);
  // What is shown now: {"schema": 1, "ok": true, "rows", "stations": […]}.
  nlohmann::ordered_json state() const;

  // Waits until a reader may have something to get, or until `most` has passed (real time).
  void wait(base::Millis most);
  // Makes wait() return.
  void wake();

 private:
  struct Slot {
    station::SlotStatus shown;
    std::uint64_t id = 0;
    base::Instant at{};
  };
  struct Station {
    std::shared_ptr<const station::Status> newest;
    std::vector<Slot> slots;
    std::uint64_t counts_id = 0;   // of counts
    std::uint64_t station_id = 0;  // of order, stop, draining, boards elsewhere, gone
    bool is_gone = false;
  };
  struct OldAlarm {
    std::uint64_t id;
    station::Alarm alarm;
  };

  // All with the mutex held.
  void take_slots(Station& station, base::Instant now);
  nlohmann::ordered_json json_of(const Station& station) const;
  nlohmann::ordered_json state_now() const;
  std::string changes(const Cursor& cursor) const;

  const base::Clock& clock_;
  const int rows_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_new_ = false;  // since wait() returned
  std::uint64_t last_id_ = 0;
  std::uint64_t shape_ = 1;  // grows when slots or stations come and go: readers begin anew
  std::map<std::string, Station> stations_;
  std::deque<OldAlarm> alarms_;
};

}  // namespace board
