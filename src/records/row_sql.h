// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A row of `job` and its values, for both engines.

#include "records/connection.h"
#include "records/row.h"

#include <string>
#include <string_view>
#include <vector>

namespace records {

// The columns in the order in which row_at() and row_values() have them; none of them is of one
// engine alone.
const std::string& job_columns();
Row row_at(const Answer& answer);
std::vector<Value> row_values(const Row& row);

// "INSERT INTO job(…) VALUES($1, …)".
const std::string& insert_job();
// "UPDATE job SET … WHERE id = $1 AND outcome IS NULL".
const std::string& close_job();

// What may be stored as text: UTF-8 without control characters. The same for all texts of a row,
// before its digest is made.
std::string clean(const std::string& text);
Row cleaned(Row row);

// Sums that are kept at hand (schema.cpp), in the transaction that closes or takes in `row`, before
// the row itself is written: which marks it gets. 0 for an open row.
base::Result<std::int64_t> marks_of(Connection& connection, const Row& row);
base::Result<> count_in(Connection& connection, const Row& row, std::int64_t marks);

// All sums anew, out of the marks of the rows.
base::Result<> count_again(Connection& connection);

// Days since 1970 of a time of day, rounded down.
std::int64_t day_of(std::int64_t at_ms);
constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

}  // namespace records
