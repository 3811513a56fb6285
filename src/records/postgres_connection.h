// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "records/connection.h"
#include "records/sqlite_connection.h"

#include <memory>
#include <string>
#include <string_view>

namespace records {

// "postgresql://er@db.line/er": a server, not a file.
bool is_server(std::string_view name);
// Such a name as it may be shown: without user and password.
std::string shown_server(const std::string& url);

// A server. Errors: device_gone, id "records-unreachable"; unsupported, "no-libpq".
base::Result<std::unique_ptr<Connection>> open_postgres(const std::string& url);

// A server or a file, by its name.
base::Result<std::unique_ptr<Connection>> open_named(const std::string& name, Access access);

}  // namespace records
