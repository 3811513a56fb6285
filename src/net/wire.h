// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The other seam to the network: talking with a server. Several exchanges and event streams at a
// time, all of whose happenings come out of one place, so that one thread waits for all of them.
// libcurl behind it (curl_wire.h), or a virtual cloud in virtual time.

#include "base/bytes.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace net {

// One part of a multipart/form-data body.
struct Part {
  std::string name = {};
  std::string value = {};  // of a plain field
  // Else a file: Content-Type application/octet-stream, and this name.
  std::string file_name = {};
  std::shared_ptr<const base::Bytes> file = nullptr;
};

// One question, which gets one whole answer.
struct Ask {
  std::string method = "GET";  // "GET", "PUT"
  std::string url = {};
  // "Authorization: Bearer …", to the host of `url` and to nobody else; never in an error or a log.
  // Empty: none is sent.
  std::string token = {};
  std::string json = {};                     // a body of this, Content-Type application/json; or
  std::vector<Part> parts = {};              // a body of these, in this order; or no body
  std::size_t most = std::size_t{1} << 20U;  // bytes of the answer's body; a longer one is an error
  base::Micros connecting = std::chrono::seconds(20);
  base::Micros whole = std::chrono::seconds(120);  // from the beginning to the last byte
};

// An event stream: an answer that does not end by itself.
struct Listen {
  std::string url = {};
  std::string token = {};  // as in Ask
  base::Micros connecting = std::chrono::seconds(20);
};

// What a server answers, whatever the status. Redirects are answers like any other: none is
// followed.
struct Reply {
  long status = 0;
  std::string content_type = {};                 // as it was sent: "text/html; charset=utf-8"
  std::optional<base::Micros> retry_after = {};  // where the server says so in seconds
  std::string body = {};                         // bytes; no more than Ask::most
};

// A stream answered 200: its bytes follow.
struct Opened {
  std::string content_type;
};
// The next bytes of a stream, cut anywhere. Never empty.
struct Piece {
  std::string bytes;
};
// An open stream is over; `error` says how, none if the server ended it in order.
struct Closed {
  std::optional<base::Error> error;
};

// Number of an exchange or a stream of one wire, never used again.
using Ticket = std::uint32_t;

struct Happening {
  Ticket ticket = 0;
  // For Ask: Reply or Error, once, and it is over. For Listen: Opened, Piece…, Closed; or, where it
  // was not opened, Reply (the body of at most 64 KiB; a status other than 200) or Error.
  // Errors, their message with the host, never with a token or a password:
  //   device_gone    "no-network" (no name, no connection; nothing was sent)
  //                  "connection-lost" (cut in the middle: whether the server acted is not known)
  //   timeout        "timeout" (likewise)
  //   access_denied  "certificate" (the server is not who it says; nothing was sent)
  //   bad_file       "answer-too-long" (body over `most`, or headers over 64 KiB)
  //   usage          "bad-address"
  //   unsupported    "no-libcurl"
  std::variant<Reply, Opened, Piece, Closed, base::Error> what;
};

class Wire {
 public:
  virtual ~Wire() = default;
  // Both begin at once, and tell what comes of them only through next(): errors too.
  virtual Ticket ask(const Ask& ask) = 0;
  virtual Ticket listen(const Listen& listen) = 0;
  // Gives it up: nothing more is heard of it. No harm if it is over.
  virtual void drop(Ticket ticket) = 0;
  // The next thing that happens, in the order in which it did; none when the clock has reached
  // `deadline` (of the clock that the wire was made with) or there is a wish to stop.
  virtual std::optional<Happening> next(base::Instant deadline,
                                        const base::CancelToken& cancel) = 0;
};

}  // namespace net
