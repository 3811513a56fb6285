// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/sqlite_library.h"

#include "os/advice.h"
#include "os/library.h"

#include <optional>

namespace records {
namespace {

std::optional<SqliteLibrary> load() {
  const os::SharedLibrary file(ER_SQLITE3_LIBRARY);
  SqliteLibrary in;
  const bool whole =
      file.find(in.open_v2, "sqlite3_open_v2") && file.find(in.close, "sqlite3_close") &&
      file.find(in.exec, "sqlite3_exec") && file.find(in.prepare_v2, "sqlite3_prepare_v2") &&
      file.find(in.finalize, "sqlite3_finalize") && file.find(in.step, "sqlite3_step") &&
      file.find(in.reset, "sqlite3_reset") &&
      file.find(in.clear_bindings, "sqlite3_clear_bindings") &&
      file.find(in.bind_null, "sqlite3_bind_null") &&
      file.find(in.bind_int64, "sqlite3_bind_int64") &&
      file.find(in.bind_double, "sqlite3_bind_double") &&
      file.find(in.bind_text, "sqlite3_bind_text") &&
      file.find(in.bind_parameter_index, "sqlite3_bind_parameter_index") &&
      file.find(in.column_type, "sqlite3_column_type") &&
      file.find(in.column_int64, "sqlite3_column_int64") &&
      file.find(in.column_double, "sqlite3_column_double") &&
      file.find(in.column_text, "sqlite3_column_text") &&
      file.find(in.column_bytes, "sqlite3_column_bytes") &&
      file.find(in.changes, "sqlite3_changes") && file.find(in.errmsg, "sqlite3_errmsg") &&
      file.find(in.errstr, "sqlite3_errstr") &&
      file.find(in.busy_timeout, "sqlite3_busy_timeout") &&
      file.find(in.get_autocommit, "sqlite3_get_autocommit");
  if (!whole) return std::nullopt;
  return in;
}

}  // namespace

base::Result<const SqliteLibrary*> sqlite_library() {
  static const std::optional<SqliteLibrary> kLoaded = load();
  if (kLoaded) return &*kLoaded;
  return base::make_error(
      base::Errc::unsupported, "no-sqlite",
      std::string("records cannot be kept here: there is no ") + ER_SQLITE3_LIBRARY,
      os::how_to_get({.name = "SQLite", .package = "libsqlite3-0", .file = ER_SQLITE3_LIBRARY}));
}

}  // namespace records
