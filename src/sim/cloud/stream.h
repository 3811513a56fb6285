// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Events, and the streams that they go out on: which stream carries which, the bytes, what goes
// wrong.

#include "base/clock.h"
#include "sim/cloud/mishaps.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace sim::cloud {

struct Event {
  std::string name;
  std::string data;
  std::string coreid;         // mostly the device's id
  std::string device;         // the one that it is about
  std::uint32_t product = 0;  // of the device
  bool owned = false;         // the device is the token's user's own
  std::string published_at;   // ISO 8601, with milliseconds and Z
};

// What a stream was opened for.
struct Filter {
  std::string prefix;                    // of the event's name
  std::optional<std::uint32_t> product;  // else own devices
  std::string device;                    // one device; empty: all
  bool wants(const Event& event) const;
};

// `data` and `ttl` as the failures have them. Ends with the empty line.
std::string encode(const Event& event, const std::vector<Failure>& failures);

class Stream {
 public:
  Stream(Filter filter, const std::vector<Failure>& failures, base::Instant now);

  const Filter& filter() const { return filter_; }
  bool open() const { return open_; }
  bool keeps_alive() const { return !quiet_; }
  base::Instant last_sent() const { return last_sent_; }

  void send(std::string text, base::Instant now);
  // What comes after this waits until then.
  void silent_until(base::Instant when);
  // Comes in spite of those that come after it.
  void send_late(std::string text, base::Instant when);
  // Behind the next event that is sent.
  void hold(std::string text) { held_ = std::move(text); }
  void close(base::Instant now);

  struct Read {
    std::string bytes;
    bool closed = false;  // after the bytes
  };
  // What has come by `now` and was not read before; byte by byte where the stream is split.
  Read read(base::Instant now);
  // When there is something to read; none: nothing yet.
  std::optional<base::Instant> next() const;

 private:
  struct Piece {
    base::Instant at;
    std::string bytes;
    bool closes = false;
  };
  void put(std::string text, base::Instant at);

  Filter filter_;
  std::deque<Piece> pieces_;  // in order of time
  std::string held_;
  base::Instant last_sent_;
  base::Instant silent_until_{};
  bool open_ = true;
  bool quiet_ = false;
  bool crlf_ = false;
  bool split_ = false;
};

}  // namespace sim::cloud
