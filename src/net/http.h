// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The seam to the network: reading what lies at an address. libcurl behind it (curl_http.h), or a
// network that a test makes up.

#include "base/bytes.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace net {

inline constexpr long kGood = 200;  // HTTP status

struct Request {
  std::string url;  // https, or http where somebody's own configuration says so
  // Bytes that are there already, from an earlier try: the answer goes on behind them if the server
  // can do that.
  std::uint64_t offset = 0;
  // A longer answer is refused as soon as that shows.
  std::uint64_t most = 0;
  base::Micros connecting = std::chrono::seconds(20);
  // So long without a byte (or next to none) is the end of it.
  base::Micros silence = std::chrono::seconds(30);
};

struct Answer {
  long status = 0;                     // HTTP status, after redirects
  std::uint64_t offset = 0;            // where the body begins: Request::offset or 0
  std::optional<std::uint64_t> total;  // length of the whole, if the server tells
};

// `answer` is known by the first piece. False: no more of it.
using Receive = std::function<bool(const Answer& answer, base::ByteView piece)>;

class Http {
 public:
  virtual ~Http() = default;
  // Hands the body of a good answer (200, 206) to `receive`, piece by piece; of another answer,
  // only the status is told. Redirects are followed, a few of them, and never from https to http.
  // Errors, their message with the host and never with a password in the address: access_denied
  // (id "certificate": the server is not who it says), timeout, cancelled, bad_file (id
  // "download-too-long"), device_gone (id "no-network": no name, no connection; id
  // "connection-lost": cut in the middle), unsupported (no library for it here).
  virtual base::Result<Answer> get(const Request& request, const Receive& receive,
                                   const base::CancelToken& cancel) = 0;
};

// The address as it may be shown: without user name and password.
std::string shown(const std::string& url);

}  // namespace net
