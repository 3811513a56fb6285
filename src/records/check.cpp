// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/exchange.h"
#include "records/query.h"
#include "records/row_json.h"
#include "records/row_sql.h"
#include "records/schema.h"

#include <fmt/format.h>

namespace records {
namespace {

constexpr std::size_t kMostProblems = 20;

base::Result<std::int64_t> count(Connection& connection, const std::string& sql) {
  std::int64_t found = 0;
  TRY(connection.run(sql, {}, [&](const Answer& answer) {
    found = answer.integer(0);
    return true;
  }));
  return found;
}

base::Result<> check_structure(Connection& connection, CheckResult& result) {
  if (connection.engine() != Engine::sqlite) return {};
  TRY(connection.run("PRAGMA integrity_check(10)", {}, [&](const Answer& answer) {
    const std::string text = answer.text(0);
    if (text != "ok") result.problems.push_back("the file is damaged: " + text);
    return true;
  }));
  return {};
}

// Every row in the order of their ids, a thousand at a time: rows and reports are two questions.
base::Result<> check_digests(Connection& connection, const base::CancelToken& cancel,
                             CheckResult& result) {
  const std::string sql = fmt::format(
      "SELECT {}, (SELECT body FROM job_report WHERE job_report.job = job.id) FROM job "
      "WHERE outcome IS NOT NULL",
      job_columns());
  const int body = static_cast<int>(row_values(Row{}).size());
  bool stopped = false;
  TRY(connection.run(sql, {}, [&](const Answer& answer) {
    const Row row = row_at(answer);
    // A report may have been pruned; the row's own columns are then all that could be compared.
    const bool right = digest_of(row, answer.text(body)) == row.digest;
    if (!right && !answer.is_null(body)) {
      result.problems.push_back(
          fmt::format("job {} was changed after it was closed", row.opening.id));
    }
    stopped = cancel.requested();
    return !stopped && result.problems.size() < kMostProblems;
  }));
  if (!stopped) return {};
  return base::make_error(base::Errc::cancelled, "interrupted", "run the same command again");
}

base::Result<> check_sums(Connection& connection, CheckResult& result) {
  TRY_ASSIGN(const std::int64_t wrong,
             count(connection,
                   "SELECT count(*) FROM (SELECT started_ms / 86400000 AS d, station AS s, "
                   "coalesce(slot, '') AS l, coalesce(order_no, '') AS o, kind AS k, outcome AS r, "
                   "coalesce(code, '') AS c, count(*) AS n, sum(marks % 2) AS u, "
                   "sum((marks / 2) % 2) AS p, sum((marks / 4) % 2) AS f FROM job WHERE outcome IS "
                   "NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7) AS rows LEFT JOIN tally ON day = d AND "
                   "station = s AND slot = l AND order_no = o AND kind = k AND outcome = r AND "
                   "code = c WHERE tally.n IS NULL OR tally.n <> rows.n OR units <> u OR passed <> "
                   "p OR first <> f"));
  if (wrong > 0) {
    result.problems.push_back(fmt::format(
        "{} sums are not those of their rows: station db migrate makes them anew", wrong));
  }
  return {};
}

}  // namespace

base::Result<CheckResult> check(Connection& connection, const base::CancelToken& cancel) {
  CheckResult result;
  TRY(check_structure(connection, result));
  // Of a damaged file nothing more is to be said.
  if (!result.problems.empty()) return result;
  TRY(check_schema(connection));
  TRY_ASSIGN(result.jobs, count(connection, "SELECT count(*) FROM job"));
  TRY_ASSIGN(result.open, count(connection, "SELECT count(*) FROM job WHERE outcome IS NULL"));
  if (connection.engine() == Engine::sqlite) {
    TRY_ASSIGN(result.waiting, count(connection, "SELECT count(*) FROM outbox"));
  }
  TRY(check_sums(connection, result));
  TRY(check_digests(connection, cancel, result));
  return result;
}

base::Result<Pruned> prune(Connection& connection, std::int64_t before_ms, std::int64_t now_ms,
                           const std::string& by) {
  TRY_ASSIGN(Transaction change, Transaction::begin(connection));
  Pruned pruned;
  const std::string waits = connection.engine() == Engine::sqlite
                                ? " AND NOT EXISTS(SELECT 1 FROM outbox WHERE outbox.job = job.id)"
                                : "";
  TRY(connection.run(
      "SELECT DISTINCT backup FROM job WHERE backup IS NOT NULL AND ended_ms < $1" + waits,
      {before_ms}, [&](const Answer& answer) {
        pruned.backups.push_back(answer.text(0));
        return true;
      }));
  TRY_ASSIGN(pruned.reports,
             connection.run("DELETE FROM job_report WHERE job IN (SELECT id FROM job WHERE "
                            "ended_ms < $1" +
                                waits + ")",
                            {before_ms}));
  TRY(connection.run("INSERT INTO act(at_ms, who, what, detail) VALUES($1, $2, 'prune', $3)",
                     {now_ms, text_or_null(clean(by)),
                      fmt::format("{} reports, {} backups of jobs that ended before {}",
                                  pruned.reports, pruned.backups.size(), before_ms)}));
  TRY(change.commit());
  return pruned;
}

}  // namespace records
