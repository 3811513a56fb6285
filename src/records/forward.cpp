// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/forward.h"

#include "records/exchange.h"
#include "records/postgres_connection.h"
#include "records/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace records {
namespace {

constexpr std::int64_t kRefusedPauseMs = 60 * 60 * 1000;
constexpr std::size_t kRowsAtOnce = 200;
constexpr std::chrono::seconds kLook{5};
constexpr std::chrono::seconds kFirstPause{1};
constexpr std::chrono::seconds kLongestPause{60};

struct Waiting {
  std::int64_t seq = 0;
  std::string job;
};

base::Result<std::vector<Waiting>> due(Connection& local, std::int64_t now_ms) {
  std::vector<Waiting> found;
  TRY(local.run(fmt::format("SELECT seq, job FROM outbox WHERE target = $1 AND next_ms <= $2 "
                            "ORDER BY next_ms, seq LIMIT {}",
                            kRowsAtOnce),
                {std::string(kServerTarget), now_ms}, [&](const Answer& answer) {
                  found.push_back({answer.integer(0), answer.text(1)});
                  return true;
                }));
  return found;
}

base::Result<> refuse(Connection& local, const Waiting& waiting, const base::Error& why,
                      std::int64_t now_ms, Forwarded& done) {
  done.refused.push_back(why.message);
  TRY_ASSIGN(Transaction change, Transaction::begin(local));
  TRY(local.run("UPDATE outbox SET tries = tries + 1, next_ms = $2 WHERE seq = $1",
                {waiting.seq, now_ms + kRefusedPauseMs}));
  TRY(local.run("INSERT INTO act(at_ms, who, what, detail) VALUES($1, 'station', 'alarm', $2)",
                {now_ms, why.message}));
  return change.commit();
}

// One job. Errors: those after which no other one need be tried.
base::Result<> forward_one(Connection& local, Connection& server, const Waiting& waiting,
                           std::int64_t now_ms, Forwarded& done) {
  TRY_ASSIGN(const Entry entry, read_entry(local, waiting.job));
  const auto taken = take_in(server, entry);
  if (!taken) {
    const std::string& id = taken.error().id;
    if (id != "record-differs" && id != "bad-record") return taken.error();
    return refuse(local, waiting, taken.error(), now_ms, done);
  }
  ++(*taken == Taken::added ? done.added : done.known);
  TRY(local.run("DELETE FROM outbox WHERE seq = $1", {waiting.seq}));
  return {};
}

}  // namespace

base::Result<Forwarded> forward(Connection& local, Connection& server, std::int64_t now_ms,
                                const base::CancelToken& cancel) {
  Forwarded done;
  while (!cancel.requested()) {
    TRY_ASSIGN(const std::vector<Waiting> batch, due(local, now_ms));
    if (batch.empty()) break;
    for (const Waiting& waiting : batch) {
      if (cancel.requested()) break;
      TRY(forward_one(local, server, waiting, now_ms, done));
    }
  }
  TRY(local.run("SELECT count(*) FROM outbox WHERE target = $1", {std::string(kServerTarget)},
                [&](const Answer& answer) {
                  done.waiting = answer.integer(0);
                  return true;
                }));
  return done;
}

Forwarder::Forwarder(ForwarderOptions options)
    : options_(std::move(options)), thread_([this] { run(); }) {}

Forwarder::~Forwarder() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    stopped_.request();
    changed_.notify_all();
  }
  thread_.join();
}

void Forwarder::kick() {
  const std::lock_guard lock(mutex_);
  kicked_ = true;
  changed_.notify_all();
}

void Forwarder::work_on(const std::string& order) {
  const std::lock_guard lock(mutex_);
  if (order_ == order) return;
  order_ = order;
  kicked_ = true;
  changed_.notify_all();
}

bool Forwarder::look(std::unique_ptr<Connection>& local, std::unique_ptr<Connection>& server) {
  Forwarded done;
  std::string order;
  {
    const std::lock_guard lock(mutex_);
    order = order_;
  }
  const auto all = [&]() -> base::Result<> {
    if (local == nullptr) {
      TRY_ASSIGN(local, open_sqlite(options_.file, Access::write));
    }
    if (server == nullptr) {
      TRY_ASSIGN(server, open_postgres(options_.server));
      TRY(check_schema(*server));
    }
    TRY_ASSIGN(done, forward(*local, *server, options_.now_ms(), stopped_));
    TRY(follow_others(*local, *server, options_.station, options_.now_ms(), stopped_));
    TRY_ASSIGN(Wanted now, wanted(*server, options_.station, order));
    if (kept_ == now) return {};
    TRY(keep_wanted(*local, now));
    kept_ = std::move(now);
    return {};
  };
  const auto went = all();
  // After any error both are made anew: nothing is known of what state they are in.
  if (!went) {
    local.reset();
    server.reset();
  }
  if (options_.told) options_.told(done, went ? std::string() : went.error().message);
  return static_cast<bool>(went);
}

void Forwarder::run() {
  std::unique_ptr<Connection> local;
  std::unique_ptr<Connection> server;
  auto pause = kFirstPause;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    kicked_ = false;
    lock.unlock();
    const bool good = look(local, server);
    lock.lock();
    if (good) {
      pause = kFirstPause;
      changed_.wait_for(lock, kLook, [this] { return stop_ || kicked_; });
    } else {
      changed_.wait_for(lock, pause, [this] { return stop_; });
      pause = std::min(pause * 2, kLongestPause);
    }
  }
}

}  // namespace records
