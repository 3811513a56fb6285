// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The virtual cloud over real HTTP: libmicrohttpd, driven from the one loop that the program has,
// in no thread of its own. What comes in is bounded, in headers, bodies and connections.

#include "base/result.h"
#include "sim/cloud/cloud.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace electron_sim {

// One exchange, for a log; nothing that is secret.
struct Exchange {
  std::string method;
  std::string target;  // without a token in it
  int status = 0;      // 0: the connection was cut
};

class CloudServer {
 public:
  // `address` is "127.0.0.1:8090" or "[::1]:8090". `cloud` outlives the server. Errors: usage, busy
  // (the port is taken), access_denied.
  static base::Result<std::unique_ptr<CloudServer>> listen(sim::cloud::Cloud& cloud,
                                                           const std::string& address);
  virtual ~CloudServer() = default;

  virtual std::string url() const = 0;  // "http://127.0.0.1:8090"
  virtual void set_observer(std::function<void(const Exchange&)> observer) = 0;
  // Readable when there is work for turn().
  virtual int descriptor() const = 0;
  // Does what there is to do, at the cloud's present.
  virtual void turn() = 0;
  // When an answer is due, in the cloud's time.
  virtual std::optional<base::Instant> next_event() const = 0;
  // How long the library wants to wait at most before the next turn().
  virtual std::optional<base::Micros> patience() const = 0;
};

}  // namespace electron_sim
