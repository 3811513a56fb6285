// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `station report` and `station db` print: rows and sums of a station's records.

#include "records/exchange.h"
#include "records/query.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <vector>

namespace report {

// "2026-11-27 16:05:09": a time of day in UTC.
std::string utc_text(std::int64_t at_ms);

// Jobs that passed and whose hooks afterwards did not agree: why, by the job's id.
using Held = std::map<std::string, std::string>;

// Rows, the newest first. `more`: there are others that were not looked at.
std::string rows_text(const std::vector<records::Row>& rows, const Held& held, bool more,
                      const Style& style);
// `held`: null where nobody has looked.
nlohmann::ordered_json rows_document(const std::vector<records::Row>& rows, const Held* held);

// The first line of a CSV file, and one for each row: the columns by their names in the database.
// Every line with its end. A text that a spreadsheet would take for a formula gets an apostrophe in
// front.
std::string csv_head();
std::string csv_line(const records::Row& row);

std::string summary_text(const records::Summary& summary, const Style& style);
nlohmann::ordered_json summary_document(const records::Summary& summary);

std::string duplicates_text(const std::vector<records::Duplicate>& duplicates);
nlohmann::ordered_json duplicates_document(const std::vector<records::Duplicate>& duplicates);

std::string check_text(const records::CheckResult& result);
nlohmann::ordered_json check_document(const records::CheckResult& result);

}  // namespace report
