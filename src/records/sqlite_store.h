// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The station's rows in a file of SQLite's (decision 0021).

#include "records/store.h"

#include <memory>
#include <string>
#include <vector>

namespace records {

struct StoreOptions {
  std::string path;     // made where it is not there, with the folders above it
  std::string station;  // whose rows these are
  // Who gets each closed row: names of targets in the outbox, such as "postgresql" and "mqtt".
  std::vector<std::string> targets = {};
};

// Tables of an older form are brought up to date. Only one station at a time has the file, for
// reading it may be opened beside (open_sqlite). Thread-safe. Acts of what "release" name the
// device in `detail`, and nothing else. Errors: those of open_sqlite and migrate; busy, id
// "records-in-use", where another process is that station.
base::Result<std::unique_ptr<Store>> open_store(const StoreOptions& options);

// The name of a station's records that no other station has, but for a cloned disk. `path`: records
// that open_store() has opened once. Errors: those of open_sqlite.
base::Result<std::string> station_uid(const std::string& path);

// The file in the user's state folder where none is named; empty where there is no such folder.
std::string default_records();

}  // namespace records
