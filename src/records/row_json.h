// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A row as JSON, by the names of its columns: for reports, exports, MQTT and the board; and the
// digest that proves that two copies of a row are the same.

#include "base/result.h"
#include "records/row.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace records {

// Every column that the engines share: what is not known is null.
nlohmann::ordered_json row_json(const Row& row);
nlohmann::ordered_json act_json(const Act& act);
nlohmann::ordered_json hook_run_json(const HookRun& run);

// The reverse. Errors: bad_file, id "bad-record", where a column is missing or of another type.
base::Result<Row> row_of(const nlohmann::json& json);
base::Result<HookRun> hook_run_of(const nlohmann::json& json);

// SHA-256, in hex, of the row without its digest and of its report, both with their keys sorted: a
// server that keeps JSON in another order has the same. `report` empty: there is none.
std::string digest_of(const Row& row, std::string_view report);

// A report as it is stored: compact, without what no database takes (bytes that are not UTF-8, the
// character 0). Empty if it is no JSON document.
std::string stored_report(std::string_view report);

}  // namespace records
