// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The one event stream of a run, kept open: opened anew when it ends or falls silent, with growing
// pauses. The vendor's streams have no ids and no replay, so after each Ready whoever listens must
// ask for the state again.

#include "cloud/answers.h"
#include "cloud/events.h"
#include "cloud/requests.h"
#include "net/sse.h"

#include <variant>
#include <vector>

namespace cloud {

struct StreamReady {};  // what happens from now on is heard
struct StreamLost {};   // and now it is not
// It will not be opened: the token, the right, a clear no.
struct StreamRefused {
  Failure failure;
};
using Heard = std::variant<StreamReady, StreamLost, StreamRefused, Event>;

class Feed {
 public:
  // Keep-alives come every 9 to 12 s, on one account 60 s (particle-iot/spark-server;
  // particle-api-js: EventStream).
  static constexpr base::Micros kSilence = std::chrono::seconds(70);
  // Servers of others send no greeting.
  static constexpr base::Micros kNoGreeting = std::chrono::seconds(2);
  static constexpr base::Micros kOpening = std::chrono::seconds(60);
  // Opening counts against 100 in 5 minutes.
  static constexpr base::Micros kFirstPause = std::chrono::seconds(5);
  static constexpr base::Micros kLongestPause = std::chrono::seconds(120);

  Feed(net::Wire& wire, Account account, Place place)
      : wire_(wire), account_(std::move(account)), place_(std::move(place)) {}

  // Opens what is due, gives up what is silent.
  std::vector<Heard> tick(base::Instant now);
  // What the wire told of `ticket`; nothing if it is no ticket of this stream.
  std::vector<Heard> hear(const net::Happening& happening, base::Instant now);
  // When tick() is due.
  base::Instant wake() const { return wake_; }
  bool ready() const { return state_ == State::ready; }
  int opened() const { return opened_; }
  void close();

 private:
  enum class State { closed, opening, greeting, ready, refused };
  void lose(base::Instant now, std::optional<base::Micros> pause, std::vector<Heard>& into);
  void take(const std::string& bytes, base::Instant now, std::vector<Heard>& into);
  void refuse_or_lose(const Failure& failure, base::Instant now, std::vector<Heard>& into);

  net::Wire& wire_;
  Account account_;
  Place place_;
  State state_ = State::closed;
  net::Ticket ticket_ = 0;
  net::SseReader reader_;
  base::Instant wake_{};
  base::Micros pause_ = kFirstPause;
  int opened_ = 0;
};

}  // namespace cloud
