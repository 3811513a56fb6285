// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the server of a hall tells its stations: orders, what single devices must get (a recall),
// and which devices others have judged. Each station keeps a copy in its own records, so that it
// holds without the server.

#include "base/cancel.h"
#include "base/result.h"
#include "records/connection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace records {

// What a device must get, whatever a station does.
struct Assignment {
  std::string device;
  std::string recipe;  // Recipe::id
  std::string reason;  // for people
  bool operator==(const Assignment&) const = default;
};

struct WorkOrder {
  std::string order_no;
  std::string recipe;         // Recipe::id; empty: any
  std::int64_t quantity = 0;  // good devices that it wants; 0: not said
  // Different devices that passed for it at other stations and not here, as far as the server
  // knows. Known for the order that the station works on, else 0.
  std::int64_t elsewhere = 0;
  bool operator==(const WorkOrder&) const = default;
};

struct Wanted {
  std::vector<Assignment> assignments;  // by device
  std::vector<WorkOrder> orders;        // by number
  bool operator==(const Wanted&) const = default;
};

// The newest verdict on a device at another station.
struct JudgedElsewhere {
  std::string station;
  std::string slot;
  std::string recipe;  // Recipe::id
  bool passed = false;
  std::int64_t ended_ms = 0;
};

// Of a server. `station` works on `order` (empty: on none). Errors: those of the connection.
base::Result<Wanted> wanted(Connection& server, const std::string& station,
                            const std::string& order);

// The copy in a station's file: all of it is replaced, in one transaction.
base::Result<> keep_wanted(Connection& local, const Wanted& wanted);
// Out of the copy; none: the server wants nothing of it.
base::Result<std::optional<Assignment>> assignment_of(Connection& local, const std::string& device);
base::Result<std::optional<WorkOrder>> work_order_of(Connection& local,
                                                     const std::string& order_no);

// Brings the verdicts of other stations that the server has got since the last time; the first time
// those of the last 30 days. Errors: those of either connection.
base::Result<> follow_others(Connection& local, Connection& server, const std::string& station,
                             std::int64_t now_ms, const base::CancelToken& cancel);
base::Result<std::optional<JudgedElsewhere>> judged_elsewhere(Connection& local,
                                                              const std::string& device);

}  // namespace records
