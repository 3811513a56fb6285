// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A station's live picture and its results, on a broker.

#include "base/clock.h"
#include "base/result.h"
#include "mqtt/client.h"
#include "station/status.h"

#include <functional>
#include <memory>
#include <string>

namespace mqtt {

// The outbox's name of a broker.
inline constexpr const char* kBrokerTarget = "mqtt";

struct PublisherOptions {
  Broker broker;
  std::string site;
  std::string station;
  std::string uid;   // of the station: the client's id
  std::string file;  // the station's records, whose outbox has the results; empty: none
  // Somebody else came in with our id, again and again: a cloned disk. On a thread of ours.
  std::function<void(const std::string& problem)> on_problem = {};
};

// What is live is sent as it is and never later; after each connection all of it anew. Results come
// out of the outbox, at least once, with the id of the job; what the broker has not confirmed
// stays.
class Publisher : public station::Listener {
 public:
  // Results may wait: look now.
  virtual void kick() = 0;
  virtual bool is_connected() const = 0;
};

// `clock` outlives it. Errors: those of connect().
base::Result<std::unique_ptr<Publisher>> publish(PublisherOptions options,
                                                 const base::Clock& clock);

}  // namespace mqtt
