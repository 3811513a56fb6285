// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the cloud answers, as values: pure. Answers come from the vendor's servers, from gateways in
// front of them (HTML, or nothing), and from servers of others; what cannot be made out is
// "unknown", never a guess.

#include "net/wire.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cloud {

enum class Trouble {
  token,        // 401, or no token at all: it is of no use (any more); never tried again
  right,        // 403: another's device, an unknown one, another product, or the scope is missing
  not_there,    // 404: not connected, or not in this product
  limit,        // 429: too many requests
  refused,      // 400 and other 4xx, redirects: a clear no
  unreachable,  // nothing was sent: no network, no such name, certificate
  unknown,      // 408, 5xx, cut, timed out, not to be understood: it may have happened all the same
};

struct Failure {
  Trouble kind = Trouble::unknown;
  long status = 0;   // HTTP; 0: there was no answer
  std::string text;  // what the cloud says, printable; may be empty
  std::optional<base::Micros> retry_after = {};
};

template <class Value>
class Answer {
 public:
  Answer(Value value) : held_(std::move(value)) {}
  Answer(Failure failure) : held_(std::move(failure)) {}
  explicit operator bool() const { return std::holds_alternative<Value>(held_); }
  const Value& operator*() const { return std::get<Value>(held_); }
  const Value* operator->() const { return &std::get<Value>(held_); }
  const Failure& failure() const { return std::get<Failure>(held_); }

 private:
  std::variant<Value, Failure> held_;
};

// What came of an Ask: net::Happening's Reply or Error.
using Raw = std::variant<net::Reply, base::Error>;

// GET /v1/access_tokens/current.
struct Token {
  std::string expires_at;  // ISO time; empty: never, or not told
  std::vector<std::string> scopes;
};
Answer<Token> parse_token(const Raw& raw);

struct Product {
  std::string id;
  std::string name;
  std::optional<std::int64_t> platform;
};
Answer<Product> parse_product(const Raw& raw);

struct Device {
  std::string id;  // lower case
  std::string name;
  std::optional<bool> online;  // what the cloud believes: may be 46 minutes old
  std::optional<std::int64_t> platform;
  std::optional<std::int64_t> product;
  std::string status;          // "normal", "safe-mode": a hint, and its absence none
  std::string system_version;  // "0.6.4", as of the last handshake; empty: not told
  std::string last_heard;
  std::string last_handshake;  // another one than before: the device has started anew
  std::optional<bool> updates_enabled;
  std::optional<bool> updates_forced;
  std::optional<bool> development;
  bool quarantined = false;
  bool denied = false;

  // Of a product, not somebody's own.
  bool in_product() const { return product && platform && *product != *platform; }
};
// The object must be the device `id`.
Answer<Device> parse_device(const Raw& raw, const std::string& id);

struct DeviceList {
  std::vector<Device> devices;
  int pages = 1;
};
Answer<DeviceList> parse_devices(const Raw& raw);

struct Ping {
  bool online = false;
};
Answer<Ping> parse_ping(const Raw& raw);

struct Development {
  bool development = false;
};
Answer<Development> parse_development(const Raw& raw);

// What an answer to a module says. A status of 200 proves nothing by itself.
enum class Flash {
  started,  // 200 and "Update started": the cloud began to talk to the device
  refused,  // "Flash requires modules not present on device", ok: false, "Update failed …", 4xx
  nothing,  // 200 without a word of an update: nothing was flashed
  busy,     // it is being flashed by somebody else: nothing was sent
  not_connected,  // 404
  unknown,        // all else: it may go on, the event stream tells
};
struct FlashAnswer {
  Flash how = Flash::unknown;
  std::string text;  // the cloud's own words; may be empty
};
// Failure only for token, right, limit and unreachable.
Answer<FlashAnswer> parse_flash(const Raw& raw);

// The failure as an error; `what` was being done. Errors: access_denied (ids "cloud-token",
// "cloud-right"), refused ("cloud-refused"), device_gone ("cloud-limit", "no-cloud",
// "cloud-unknown"), no_device ("cloud-not-there").
base::Error error_of(const Failure& failure, const std::string& what);

}  // namespace cloud
