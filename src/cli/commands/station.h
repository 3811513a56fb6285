// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The commands below `station`, each with a file of its own. The one that was given puts what runs
// it into `chosen`.

#include "base/result.h"
#include "cli/commands.h"
#include "records/sqlite_connection.h"
#include "station/config.h"

#include <memory>
#include <optional>
#include <string>

namespace cli {

using ChosenRun = std::shared_ptr<Run>;

// `run`, and what the lead tells a running station.
void add_station_run(CLI::App& station, const ChosenRun& chosen);
void add_station_slots(CLI::App& station, const ChosenRun& chosen);
void add_station_report(CLI::App& station, const ChosenRun& chosen);
void add_station_db(CLI::App& station, const ChosenRun& chosen);
void add_station_board(CLI::App& station, const ChosenRun& chosen);

// The records that --db names, by default those in the user's state folder; their tables are those
// of this program. Errors: those of open_sqlite and check_schema; usage, id "no-state-folder".
base::Result<std::unique_ptr<records::Connection>> open_records(const std::string& db,
                                                                records::Access access);
// The same without a look at the tables.
base::Result<std::unique_ptr<records::Connection>> connect_records(const std::string& db,
                                                                   records::Access access);
// How the records are called that --db names: without a password.
std::string shown_records(const std::string& db);

// The configuration that --config names, by default ./station.toml, then the system's. Errors:
// usage, ids "station-config" and "no-station-config"; bad_file.
base::Result<station::Config> read_station_config(const std::string& named);

// The option that it takes.
void add_config_option(CLI::App& command, std::string& config);

// A moment as --since and the like take it, in milliseconds since 1970: "2026-11-27",
// "2026-11-27T16:05" (UTC), or "90m", "12h", "7d" before `now_ms`. None: it is no moment.
std::optional<std::int64_t> moment_of(const std::string& text, std::int64_t now_ms);
// The time of day now.
std::int64_t now_ms();

}  // namespace cli
