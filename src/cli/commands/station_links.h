// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a running station tells others while it works: the board in a browser, a server that gets
// its records, a broker that gets its live picture. None of them can hold it up.

#include "base/result.h"
#include "mqtt/client.h"
#include "station/config.h"
#include "station/status.h"

#include <memory>
#include <string>
#include <vector>

namespace cli {

// Who gets each closed row, by the configuration: for records::StoreOptions.
std::vector<std::string> outbox_targets(const station::Config& config);

class StationLinks {
 public:
  virtual ~StationLinks() = default;
  // To be told what the station shows.
  virtual const std::vector<station::Listener*>& listeners() const = 0;
  // What somebody should be told of the board: where it is, or why there is none. Empty where none
  // is wanted.
  virtual const std::string& said() const = 0;
};

// `records` is the station's file, which is open already; `lead` outlives what is returned, and is
// not asked before the station runs. Errors: those of the board and the broker, of a token or a
// certificate that cannot be read (bad_file); a server or a broker that does not answer is none,
// and neither is a port that is taken: the board is never the only place of a result.
base::Result<std::unique_ptr<StationLinks>> make_links(const station::Config& config,
                                                       station::Lead& lead,
                                                       const std::string& records);

// The broker of a configuration, with its password. Errors: bad_file.
base::Result<mqtt::Broker> broker_of(const station::Config& config);

// A file with a secret: its first line. Empty name: empty. `folder` is where a relative name
// begins. Errors: bad_file, id "short-token" where it is shorter than 16 characters.
base::Result<std::string> read_token(const std::string& folder, const std::string& name);

}  // namespace cli
