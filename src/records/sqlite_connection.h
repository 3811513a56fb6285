// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "records/connection.h"

#include <memory>
#include <string>

namespace records {

enum class Access {
  read,    // nothing is written, also while a station writes
  write,   // the file is there
  create,  // it is made where it is not, for its owner and the owner's group
};

// A file of records: write-ahead log, and on the disk when a commit returns (synchronous=FULL).
// Errors: bad_file, ids "no-records" (there is no such file), "records-damaged" (it is none of
// SQLite's), "records-failed"; unsupported, "no-sqlite".
base::Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, Access access);

}  // namespace records
