// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is asked of records: rows, one by one, and sums over years of them.

#include "records/connection.h"
#include "records/row.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace records {

// What a row must be to be looked at. Empty: it does not matter.
struct Filter {
  std::optional<std::int64_t> since_ms;  // of started_ms: this moment and later
  std::optional<std::int64_t> until_ms;  // of started_ms: before this moment
  std::string station;
  std::string slot;
  std::string device;  // an id, or what it begins with; lower case
  std::string order_no;
  std::string outcome;  // "pass", "fail", "aborted", "lost", "open"
};

// The newest first; at most `most` of them (0: all). False: no more.
base::Result<> each_row(Connection& connection, const Filter& filter, std::size_t most,
                        const std::function<bool(const Row& row)>& on_row);

base::Result<std::optional<Row>> row_of_id(Connection& connection, const std::string& id);
// The JSON document of a job; empty: it has none.
base::Result<std::string> report_of(Connection& connection, const std::string& id);
base::Result<std::vector<HookRun>> hook_runs_of(Connection& connection, const std::string& id);
// Why the hooks after a result did not agree, if they did not: the board is good, and held all the
// same.
base::Result<std::optional<std::string>> disagreed(Connection& connection, const std::string& id);
// The newest first.
base::Result<std::vector<Act>> acts(Connection& connection, std::size_t most);

// Sums over closed rows. A unit is a device that got its first verdict (pass or fail, in a job of
// kind work) in the time that is looked at; where a device tells no id, each of its jobs is one.
struct Sums {
  std::int64_t pass = 0;  // jobs
  std::int64_t fail = 0;
  std::int64_t aborted = 0;
  std::int64_t lost = 0;
  std::int64_t units = 0;
  std::int64_t units_passed = 0;  // sooner or later
  std::int64_t first_pass = 0;    // at their first verdict
  double seconds = 0;             // of all jobs

  std::int64_t jobs() const { return pass + fail + aborted + lost; }
  // None where nothing can be said.
  std::optional<double> yield() const;
  std::optional<double> first_pass_yield() const;
  std::optional<double> seconds_per_unit() const;  // of all jobs, over units that passed
  void add(const Sums& other);
};

struct SlotKey {
  std::string station;
  std::string slot;
  auto operator<=>(const SlotKey&) const = default;
};

struct Summary {
  Sums all;  // of kind work
  std::map<SlotKey, Sums> by_slot;
  // Jobs that failed, by their code, and where.
  std::map<std::string, std::map<SlotKey, std::int64_t>> fails;
  std::int64_t golden_pass = 0;
  std::int64_t golden_fail = 0;
  std::int64_t open = 0;
};

// Days that are looked at whole come out of sums that were kept (schema.cpp), so that a year of
// 10,000 jobs a day takes no time; a filter by device looks at that device's rows.
base::Result<Summary> summary(Connection& connection, const Filter& filter);

// Devices that more than one station worked on, or that passed more than once, or whose IMEI
// another device has, too.
struct Duplicate {
  std::string device;
  std::string reason;  // "stations", "passed-again", "imei"
  std::string detail;  // the stations; how often; the IMEI
  std::int64_t jobs = 0;
};
base::Result<std::vector<Duplicate>> duplicates(Connection& connection, const Filter& filter);

}  // namespace records
