// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// From a station's outbox to the server of a hall: every closed job at least once, and there only
// once, by its id. What the server has not confirmed stays in the outbox.

#include "base/cancel.h"
#include "base/result.h"
#include "records/connection.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
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

struct Assignment {
  std::string device;
  std::string recipe;
  std::string reason;
};
// What devices must get, whatever a station does: a recall.
base::Result<std::vector<Assignment>> assignments(Connection& server);

// How many good ones an order wants, and by which recipe.
struct WorkOrder {
  std::string order_no;
  std::string recipe;
  std::int64_t quantity = 0;
};
base::Result<std::vector<WorkOrder>> work_orders(Connection& server);

// Does that for as long as it lives, on a thread of its own: looks every few seconds, and after a
// failure with pauses that grow from 1 s to 60 s.
struct ForwarderOptions {
  std::string file;    // the station's records
  std::string server;  // postgresql://…
  std::function<std::int64_t()> now_ms;
  // On the forwarder's thread. `problem` is empty where all went well.
  std::function<void(const Forwarded& done, const std::string& problem)> told;
  // What the server wants of devices and orders, asked every 5 s.
  std::function<void(std::vector<Assignment>, std::vector<WorkOrder>)> wanted;
};

class Forwarder {
 public:
  explicit Forwarder(ForwarderOptions options);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  // There is something new: look now, unless the server has just failed.
  void kick();

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
  std::thread thread_;  // last: it uses the others
};

}  // namespace records
