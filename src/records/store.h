// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Where a station's rows go, and what it asks of them. Rows are appended: opened at the start,
// closed once, never overwritten. What a call has returned good for is on the disk.

#include "base/result.h"
#include "records/orders.h"
#include "records/row.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace records {

// What is known of one device from its closed rows.
struct DeviceHistory {
  std::optional<Row> last;  // the newest closed row of kind work, whatever its outcome
  // Closed rows of kind work with outcome fail since the last pass, or since the last act "release"
  // of it. Aborted and lost ones do not count.
  int fails = 0;
  // The newest of its acts "hold" and "release" (Act::detail is the device's id) is a hold.
  bool held = false;
  // What the server of the hall wants of it.
  std::optional<Assignment> assigned;
  // What another station made of it, as far as the server has told.
  std::optional<JudgedElsewhere> elsewhere;
};

class Store {
 public:
  virtual ~Store() = default;

  // A recipe that is there already stays as it is. Errors of all calls: bad_file, with the ids
  // "records-full" (no space left), "records-damaged", "records-busy" and "records-failed".
  virtual base::Result<> put_recipe(const Recipe& recipe) = 0;

  virtual base::Result<> open_row(const Opening& opening) = 0;
  // The row, its report and what forwards it, in one transaction. `report` is the JSON document
  // that `flash` prints. Errors: refused, id "row-closed", where no open row has this id.
  virtual base::Result<> close_row(const std::string& id, const Ending& ending,
                                   std::string_view report) = 0;
  // Rows that a station that died left open; each gets the outcome `lost`, the code "station-died"
  // and the time `now_ms`. To be called before any slot is served. Returns their ids.
  virtual base::Result<std::vector<std::string>> close_lost(std::int64_t now_ms) = 0;

  virtual base::Result<> add_hook_run(const HookRun& run) = 0;
  virtual base::Result<> add_act(const Act& act) = 0;

  virtual base::Result<DeviceHistory> history(const std::string& device) = 0;
  virtual base::Result<std::optional<Row>> find_row(const std::string& id) = 0;
  // The report that a row was closed with; empty: none.
  virtual base::Result<std::string> report_of(const std::string& id) = 0;
  // Closed rows of this station that ended at or after `since_ms` and of which no hook "result" was
  // told, oldest first.
  virtual base::Result<std::vector<Row>> unannounced(std::int64_t since_ms) = 0;
  // Closed rows of this station, newest first.
  virtual base::Result<std::vector<Row>> recent(std::size_t most) = 0;
  // Closed rows of this station that ended at or after `since_ms`, and the newest act of a kind.
  virtual base::Result<std::vector<Row>> ended_since(std::int64_t since_ms) = 0;
  virtual base::Result<std::optional<Act>> last_act(const std::string& what) = 0;
  // Different devices that passed for this order; rows without a device id count one by one.
  virtual base::Result<std::int64_t> passed_of_order(const std::string& order_no) = 0;
  // Whether this device passed for this order in a row other than `job`.
  virtual base::Result<bool> passed_for_order(const std::string& order_no,
                                              const std::string& device,
                                              const std::string& job) = 0;
  // What the server of the hall says of this order; none: nothing.
  virtual base::Result<std::optional<WorkOrder>> work_order(const std::string& order_no) = 0;
  // When a golden unit passed last with this recipe on this station.
  virtual base::Result<std::optional<std::int64_t>> golden_pass_ms(const std::string& recipe) = 0;

  // Rows that wait to be forwarded; 0 where none are.
  virtual std::int64_t waiting() = 0;
  // Bytes that are free on the disk that holds the rows.
  virtual base::Result<std::uint64_t> free_space() = 0;
};

}  // namespace records
