// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A connection to an MQTT broker that comes back by itself, by libmosquitto, on a thread of its
// own. Nothing waits for it.

#include "base/result.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mqtt {

struct Broker {
  std::string url;       // mqtt://HOST[:1883] or mqtts://HOST[:8883]
  std::string user;      // empty: none
  std::string password;  // never shown
};

struct Message {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retained = false;
};

struct ClientOptions {
  Broker broker;
  std::string id;  // two with the same throw each other out
  std::optional<Message> will = {};
  // The broker keeps what comes while this client is away.
  bool is_kept = false;
  std::vector<std::string> topics = {};  // asked for after every connection
  // All on the connection's thread, and short.
  std::function<void()> on_connected = {};
  std::function<void(bool was_wanted)> on_lost = {};
  std::function<void(int number)> on_confirmed = {};  // the broker has it: of QoS 1
  std::function<void(const Message&)> on_message = {};
};

class Client {
 public:
  virtual ~Client() = default;
  // A number by which it will be confirmed; none where there is no connection. (The library would
  // keep it and send it later, which is for what is old by then no favour.)
  virtual std::optional<int> publish(const Message& message) = 0;
  virtual bool is_connected() const = 0;
};

// Errors: usage, id "bad-broker-address"; unsupported, "no-mosquitto".
base::Result<std::unique_ptr<Client>> connect(ClientOptions options);

}  // namespace mqtt
