// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The live picture of all stations of a site, as a broker tells it: for a board in a hall, where no
// device is.

#include "base/result.h"
#include "mqtt/client.h"
#include "station/status.h"

#include <functional>
#include <memory>
#include <string>

namespace mqtt {

struct HallOptions {
  Broker broker;
  std::string site;
  std::string id;  // of this board: the client's
  // On the connection's thread.
  std::function<void(const std::shared_ptr<const station::Status>&)> on_status;
  std::function<void(const std::string& station)> on_gone;
  std::function<void(const station::Alarm&)> on_alarm;
  std::function<void(bool is_connected)> on_link = {};
};

class Hall {
 public:
  virtual ~Hall() = default;
};

// Errors: those of connect().
base::Result<std::unique_ptr<Hall>> watch(HallOptions options);

}  // namespace mqtt
