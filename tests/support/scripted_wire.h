// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A network in virtual time that says what a test makes it say.

#include "net/wire.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace test_support {

class ManualClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override { now_ += duration; }
  void set(base::Instant now) { now_ = std::max(now_, now); }

 private:
  base::Instant now_{};
};

class ScriptedWire final : public net::Wire {
 public:
  explicit ScriptedWire(ManualClock& clock) : clock_(clock) {}

  // What a request makes happen; may call say().
  std::function<void(net::Ticket, const net::Ask&)> on_ask;
  std::function<void(net::Ticket, const net::Listen&)> on_listen;
  std::vector<net::Ask> asks;
  std::vector<net::Listen> listens;

  void say(base::Micros later, net::Ticket ticket, decltype(net::Happening::what) what) {
    queue_.emplace(clock_.now() + later, net::Happening{ticket, std::move(what)});
  }

  net::Ticket ask(const net::Ask& ask) override {
    asks.push_back(ask);
    const net::Ticket ticket = ++last_;
    if (on_ask) on_ask(ticket, ask);
    return ticket;
  }
  net::Ticket listen(const net::Listen& listen) override {
    listens.push_back(listen);
    const net::Ticket ticket = ++last_;
    if (on_listen) on_listen(ticket, listen);
    return ticket;
  }
  void drop(net::Ticket ticket) override {
    std::erase_if(queue_, [&](const auto& entry) { return entry.second.ticket == ticket; });
  }
  std::optional<net::Happening> next(base::Instant deadline,
                                     const base::CancelToken& cancel) override {
    if (cancel.requested()) return std::nullopt;
    if (queue_.empty() || queue_.begin()->first > deadline) {
      clock_.set(deadline);
      return std::nullopt;
    }
    clock_.set(queue_.begin()->first);
    net::Happening first = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    return first;
  }

 private:
  ManualClock& clock_;
  std::multimap<base::Instant, net::Happening> queue_;
  net::Ticket last_ = 0;
};

inline net::Reply reply(long status, std::string body) {
  net::Reply reply;
  reply.status = status;
  reply.content_type = "application/json; charset=utf-8";
  reply.body = std::move(body);
  return reply;
}

}  // namespace test_support
