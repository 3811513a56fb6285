// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Many devices at once on one event stream, a machine each. One device's end is no other's, but
// where the cloud says no to all of them: the token, the limit of requests, the product.

#include "cloud/feed.h"
#include "ota/machine.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ota {

// Who is told what happens; every function may do nothing.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void begins(std::size_t devices) { static_cast<void>(devices); }
  // A machine is in another phase, or has sent or judged a part.
  virtual void moved(const Machine& machine) { static_cast<void>(machine); }
  virtual void ended(const DeviceResult& result) { static_cast<void>(result); }
  virtual void note(const std::string& text) { static_cast<void>(text); }
};

struct FleetOrder {
  cloud::Place place;
  std::vector<std::string> devices;  // ids; none: all of the product
  std::size_t at_once = 4;
  Wish wish;
  Times times;
  // Asked once it is known how many devices there are and before anything is sent to any; false:
  // nothing is done.
  std::function<bool(std::size_t devices)> consent;
};

struct FleetResult {
  std::vector<DeviceResult> devices;  // in the order in which they were named
  std::optional<base::Error> error;   // what ended the whole run
  std::string product;
  unsigned requests = 0;
  int streams = 0;
};

class Fleet {
 public:
  // All of them outlive it.
  Fleet(net::Wire& wire, const base::Clock& clock, const cloud::Account& account, Records& records,
        Watcher& watcher)
      : wire_(wire), clock_(clock), account_(account), records_(records), watcher_(watcher) {}
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  FleetResult run(FleetOrder order, const base::CancelToken& cancel);

 private:
  struct Member {
    std::unique_ptr<Machine> machine;
    bool due = true;    // to be asked what it wants
    bool slot = false;  // it is one of those at work
    bool begun = false;
    bool ended = false;
    // Whoever waits for an absent device, or only restores, needs no place among those at work.
    bool needs_slot() const {
      return machine->phase() != Phase::absent && machine->phase() != Phase::restore;
    }
    Phase told = Phase::idle;
    std::size_t told_sent = 0;
  };
  enum class Kind { look, ping, mark, flash };
  struct Question {
    std::size_t member = 0;
    Kind kind = Kind::look;
  };

  // --- before the stream is opened ---
  std::optional<base::Error> prepare(const base::CancelToken& cancel);
  std::optional<base::Error> choose_product(const base::CancelToken& cancel);

  // --- the run ---
  void work(const base::CancelToken& cancel);
  void turn(base::Instant now);
  void turn(Member& member, std::size_t number, base::Instant now);
  void put(std::size_t number, const Wanted& wanted);
  void save(Member& member);
  void tell(Member& member);
  void take(const net::Happening& happening, base::Instant now);
  void answer(const Question& question, const cloud::Raw& raw, base::Instant now);
  void hear(const std::vector<cloud::Heard>& heard, base::Instant now);
  template <class Value>
  void hand_on(Member& member, const cloud::Answer<Value>& answer, base::Instant now);
  void stop(const base::Error& why, base::Instant now);
  base::Instant wake() const;
  bool over() const;

  net::Wire& wire_;
  const base::Clock& clock_;
  const cloud::Account& account_;
  Records& records_;
  Watcher& watcher_;
  FleetOrder order_;
  FleetResult result_;
  std::optional<cloud::Feed> feed_;
  std::vector<Member> members_;
  std::map<std::string, std::size_t> by_id_;
  std::map<net::Ticket, Question> questions_;
  std::size_t at_work_ = 0;
  bool stopping_ = false;
  base::Instant hold_{};  // nobody asks before it
  base::Instant give_up_ = base::Instant::max();
};

}  // namespace ota
