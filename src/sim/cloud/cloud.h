// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The virtual cloud: the vendor's device cloud as far as updates over the air need it, with devices
// that are the simulator's own. Pure: time is given, one request gives one answer, events wait to
// be read. What is known of the real one, with sources, is in docs/electron-sim.md; every answer
// and every event has a test (tests/sim/cloud). Not thread-safe.

#include "base/result.h"
#include "sim/board/agenda.h"
#include "sim/cloud/device.h"
#include "sim/cloud/message.h"
#include "sim/cloud/options.h"
#include "sim/cloud/stream.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sim::cloud {

// What clients did, for whoever holds them to their promises.
struct Ledger {
  std::uint32_t requests = 0;  // streams included
  std::uint32_t flashes = 0;   // requests with a file that were carried out
  std::uint32_t openings = 0;
  std::uint32_t open_most = 0;  // streams open at once
  std::uint32_t refused_by_rate = 0;
  std::map<std::string, std::uint32_t> by_kind;  // "GET device", "PUT ping" ...
};

class Cloud final : private Ether {
 public:
  // `library`: released files for the devices and the healer; what is missing is made up. Several
  // clouds can share a workshop, which knows then what happens to a device in a state that was
  // there before. Errors: usage, bad_file.
  static base::Result<std::unique_ptr<Cloud>> make(Options options, const release::Library& library,
                                                   std::shared_ptr<Workshop> workshop = nullptr);

  // --- time ---
  base::Instant now() const override { return now_; }
  // When something happens by itself, a stream that can be read included.
  std::optional<base::Instant> next_event() const;
  void advance_to(base::Instant when);

  // --- clients ---
  // At now(). An answer with a stream: read() from then on, until it is closed or hung up.
  Answer handle(const Request& request);
  Stream::Read read(std::uint32_t stream);
  // When there is something to be read; none: nothing yet, or no such stream.
  std::optional<base::Instant> readable_at(std::uint32_t stream) const;
  void hang_up(std::uint32_t stream) { streams_.erase(stream); }

  // --- the world's side ---
  std::size_t size() const { return devices_.size(); }
  AirDevice& device(std::size_t number) { return *devices_[number]; }
  const AirDevice& device(std::size_t number) const { return *devices_[number]; }
  AirDevice* find(std::string_view id);
  const Ledger& ledger() const { return ledger_; }
  const Switches& switches() const { return switches_; }
  const Options& options() const override { return options_; }
  // Every event, in order.
  const std::vector<Event>& history() const { return history_; }
  // The same, and forgets them: for whoever runs for days.
  std::vector<Event> take_history() { return std::exchange(history_, {}); }
  // "2026-01-05T08:00:00.000Z"
  std::string iso(base::Instant when) const;
  // The part of a release as it is sent: from the library, else made up. Null: none such.
  Image part(std::uint16_t module_version, std::uint8_t index);

 private:
  // Only make() can name it, so that only make() makes clouds.
  struct Key {};

 public:
  Cloud(Key, Options options, const release::Library& library, std::shared_ptr<Workshop> workshop);

 private:
  friend class Api;

  // --- Ether ---
  Agenda& agenda() override { return agenda_; }
  Workshop& workshop() override { return *workshop_; }
  void publish(AirDevice& device, std::string_view name, std::string data) override;
  void publish(AirDevice& device, std::string_view name, std::string data, std::string coreid);
  std::vector<Failure> transfer_begun(AirDevice& device) override;

  // --- streams ---
  Answer open_stream(Filter filter, const std::vector<Failure>& failures);
  void keep_alive(std::uint32_t stream);
  void broadcast(const Event& event, const std::vector<Failure>& failures);
  std::size_t open_streams() const;

  // --- other people ---
  void others(AirDevice& device, const Event& event, const std::vector<Failure>& failures);
  void heal(AirDevice& device);
  void push_application(AirDevice& device, base::Micros after, bool product_firmware);

  Options options_;
  const release::Library& library_;
  std::shared_ptr<Workshop> workshop_;
  base::Instant now_{};
  Agenda agenda_;
  std::vector<std::unique_ptr<AirDevice>> devices_;
  std::map<std::string, AirDevice*, std::less<>> by_id_;
  std::map<const AirDevice*, Switches> own_switches_;
  Switches switches_;
  std::map<std::uint32_t, Stream> streams_;
  std::uint32_t streams_made_ = 0;
  std::vector<Event> history_;
  std::map<std::string, Event> first_safe_mode_;
  std::map<const AirDevice*, bool> flashed_by_hand_;
  std::map<std::pair<std::uint16_t, std::uint8_t>, Image> parts_;
  std::map<std::string, std::uint32_t> answers_given_;  // by token
  bool tokens_dead_ = false;
  std::deque<base::Instant> recent_requests_;
  std::deque<base::Instant> recent_openings_;
  Ledger ledger_;
};

}  // namespace sim::cloud
