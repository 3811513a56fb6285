// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// libpq's functions, out of the library that is loaded when a server is first to be asked (decision
// 0018).

#include "base/result.h"

#include <libpq-fe.h>

namespace records {

// Each member is the library's function of the same name behind "PQ".
struct PostgresLibrary {
  decltype(&::PQconnectdbParams) connectdb_params = nullptr;
  decltype(&::PQfinish) finish = nullptr;
  decltype(&::PQstatus) status = nullptr;
  decltype(&::PQerrorMessage) error_message = nullptr;
  decltype(&::PQsetNoticeProcessor) set_notice_processor = nullptr;
  decltype(&::PQexec) exec = nullptr;
  decltype(&::PQsendQueryParams) send_query_params = nullptr;
  decltype(&::PQsetSingleRowMode) set_single_row_mode = nullptr;
  decltype(&::PQgetResult) get_result = nullptr;
  decltype(&::PQresultStatus) result_status = nullptr;
  decltype(&::PQresultErrorField) result_error_field = nullptr;
  decltype(&::PQntuples) ntuples = nullptr;
  decltype(&::PQgetisnull) getisnull = nullptr;
  decltype(&::PQgetvalue) getvalue = nullptr;
  decltype(&::PQgetlength) getlength = nullptr;
  decltype(&::PQcmdTuples) cmd_tuples = nullptr;
  decltype(&::PQclear) clear = nullptr;
  decltype(&::PQtransactionStatus) transaction_status = nullptr;
};

// Errors: unsupported, id "no-libpq".
base::Result<const PostgresLibrary*> postgres_library();

}  // namespace records
