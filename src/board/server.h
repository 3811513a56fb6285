// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The board on the network, by libmicrohttpd: one thread for all browsers, and one that wakes those
// who wait. What is answered is the router's business.

#include "base/result.h"
#include "board/feed.h"
#include "board/router.h"
#include "station/status.h"

#include <memory>
#include <string>
#include <vector>

namespace board {

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";  // port 0: any that is free
  std::vector<std::string> hosts = {};    // names that it may be called by, besides its address
  std::string token = {};                 // for everything that changes something
  std::string tls_cert = {};              // PEM, with tls_key; empty: http
  std::string tls_key = {};
};

class Server {
 public:
  virtual ~Server() = default;  // every browser is let go of
  // "http://127.0.0.1:8080/": what to open.
  virtual const std::string& address() const = 0;
};

// `feed` outlives it; so does `lead`, which may be null: then nothing can be changed. Errors:
// usage, ids "bad-listen-address", and "token-needed" where others than this computer could come in
// without one; busy, "port-taken"; unsupported, "no-microhttpd".
base::Result<std::unique_ptr<Server>> serve(const ServerOptions& options, Feed& feed,
                                            OpenRecords open_records, station::Lead* lead);

}  // namespace board
