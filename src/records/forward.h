// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// From a station's outbox to the server of a hall: every closed job at least once, and there only
// once, by its id. What the server has not confirmed stays in the outbox.

#include "base/cancel.h"
#include "base/result.h"
#include "records/connection.h"
#include "records/orders.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace records {

// The outbox's name of a server.
inline constexpr const char* kServerTarget = "postgresql";

struct Forwarded {
  std::int64_t added = 0;            // jobs that were not there
  std::int64_t known = 0;            // that were there already
  std::vector<std::string> refused;  // why, of each that the server has with another content
  std::int64_t waiting = 0;          // still in the outbox
};

// One pass over what is due at `now_ms`. What is refused is tried again an hour later, and is an
// `act` ("alarm") here. Errors: those of either connection; then what was confirmed so far is out
// of the outbox.
base::Result<Forwarded> forward(Connection& local, Connection& server, std::int64_t now_ms,
                                const base::CancelToken& cancel);

// Does that for as long as it lives, on a thread of its own: looks every few seconds, and after a
// failure with pauses that grow from 1 s to 60 s. At each look it brings back what the server wants
// (orders.h).
struct ForwarderOptions {
  std::string file;     // the station's records
  std::string server;   // postgresql://…
  std::string station;  // whose records these are
  std::function<std::int64_t()> now_ms;
  // On the forwarder's thread. `problem` is empty where all went well.
  std::function<void(const Forwarded& done, const std::string& problem)> told;
};

class Forwarder {
 public:
  explicit Forwarder(ForwarderOptions options);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  // There is something new: look now, unless the server has just failed.
  void kick();
  // The order that the station works on: from the next look on.
  void work_on(const std::string& order);

 private:
  void run();
  // Returns whether it went well.
  bool look(std::unique_ptr<Connection>& local, std::unique_ptr<Connection>& server);

  ForwarderOptions options_;
  base::CancelToken stopped_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool kicked_ = false;
  std::string order_;
  std::optional<Wanted> kept_;  // what the copy has; the thread's own
  std::thread thread_;          // last: it uses the others
};

}  // namespace records
