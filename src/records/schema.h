// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The tables, made and changed by numbered steps (station-facts.md, 5.4): the same names in both
// engines.

#include "records/connection.h"

namespace records {

// What this program writes and reads.
int newest_schema();

// The number of the tables that are there; 0: none. Errors: those of the connection.
base::Result<int> schema_of(Connection& connection);

// Brings the tables to the newest number, each step whole or not at all; on a server nobody else
// does the same meanwhile. Returns the number that was there before. Errors: refused, id
// "schema-newer", where a newer program has been here.
base::Result<int> migrate(Connection& connection);

// The tables are those that this program knows. Errors: refused, ids "schema-newer",
// "schema-older".
base::Result<> check_schema(Connection& connection);

}  // namespace records
