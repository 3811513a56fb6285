// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/postgres_library.h"

#include "os/advice.h"
#include "os/library.h"

#include <optional>
#include <string>

namespace records {
namespace {

std::optional<PostgresLibrary> load() {
  const os::SharedLibrary file(ER_PQ_LIBRARY);
  PostgresLibrary in;
  const bool whole =
      file.find(in.connectdb_params, "PQconnectdbParams") && file.find(in.finish, "PQfinish") &&
      file.find(in.status, "PQstatus") && file.find(in.error_message, "PQerrorMessage") &&
      file.find(in.set_notice_processor, "PQsetNoticeProcessor") && file.find(in.exec, "PQexec") &&
      file.find(in.send_query_params, "PQsendQueryParams") &&
      file.find(in.set_single_row_mode, "PQsetSingleRowMode") &&
      file.find(in.get_result, "PQgetResult") && file.find(in.result_status, "PQresultStatus") &&
      file.find(in.result_error_field, "PQresultErrorField") &&
      file.find(in.ntuples, "PQntuples") && file.find(in.getisnull, "PQgetisnull") &&
      file.find(in.getvalue, "PQgetvalue") && file.find(in.getlength, "PQgetlength") &&
      file.find(in.cmd_tuples, "PQcmdTuples") && file.find(in.clear, "PQclear") &&
      file.find(in.transaction_status, "PQtransactionStatus");
  if (!whole) return std::nullopt;
  return in;
}

}  // namespace

base::Result<const PostgresLibrary*> postgres_library() {
  static const std::optional<PostgresLibrary> kLoaded = load();
  if (kLoaded) return &*kLoaded;
  return base::make_error(
      base::Errc::unsupported, "no-libpq",
      std::string("no PostgreSQL server can be asked from here: there is no ") + ER_PQ_LIBRARY,
      os::how_to_get({.name = "libpq", .package = "libpq5", .file = ER_PQ_LIBRARY}));
}

}  // namespace records
