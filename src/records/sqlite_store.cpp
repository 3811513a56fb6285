// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/sqlite_store.h"

#include "base/files.h"
#include "os/locks.h"
#include "records/row_json.h"
#include "records/row_sql.h"
#include "records/schema.h"
#include "records/sqlite_connection.h"

#include <fmt/format.h>

#include <mutex>

namespace records {
namespace {

// What the ending knows better than the opening.
Row closed(Row row, const Ending& ending) {
  Opening& opening = row.opening;
  const auto better = [](std::string& old, const std::string& now) {
    if (!now.empty()) old = now;
  };
  better(opening.device, ending.device);
  better(opening.operator_name, ending.operator_name);
  better(opening.order_no, ending.order_no);
  if (ending.identity_by != IdentityBy::none) opening.identity_by = ending.identity_by;
  row.ending = ending;
  return row;
}

class SqliteStore final : public Store {
 public:
  SqliteStore(StoreOptions options, std::unique_ptr<os::HeldLock> lock,
              std::unique_ptr<Connection> connection)
      : options_(std::move(options)), lock_(std::move(lock)), connection_(std::move(connection)) {}

  base::Result<> put_recipe(const Recipe& recipe) override;
  base::Result<> open_row(const Opening& opening) override;
  base::Result<> close_row(const std::string& id, const Ending& ending,
                           std::string_view report) override;
  base::Result<std::vector<std::string>> close_lost(std::int64_t now_ms) override;
  base::Result<> add_hook_run(const HookRun& run) override;
  base::Result<> add_act(const Act& act) override;
  base::Result<DeviceHistory> history(const std::string& device) override;
  base::Result<std::optional<Row>> find_row(const std::string& id) override;
  base::Result<std::string> report_of(const std::string& id) override;
  base::Result<std::vector<Row>> unannounced(std::int64_t since_ms) override;
  base::Result<std::vector<Row>> recent(std::size_t most) override;
  base::Result<std::vector<Row>> ended_since(std::int64_t since_ms) override;
  base::Result<std::optional<Act>> last_act(const std::string& what) override;
  base::Result<std::int64_t> passed_of_order(const std::string& order_no) override;
  base::Result<bool> passed_for_order(const std::string& order_no, const std::string& device,
                                      const std::string& job) override;
  base::Result<std::optional<WorkOrder>> work_order(const std::string& order_no) override;
  base::Result<std::optional<std::int64_t>> golden_pass_ms(const std::string& recipe) override;
  std::int64_t waiting() override;
  base::Result<std::uint64_t> free_space() override;

 private:
  // All that follows: with the lock held.
  base::Result<> close_now(const std::string& id, const Ending& ending, std::string_view report);
  base::Result<> insert_act(const Act& act);
  // The rows that `where` (behind WHERE, with the order) finds.
  base::Result<std::vector<Row>> rows(const std::string& where, const std::vector<Value>& values);
  // The one number that `sql` asks for; none: NULL, or no row.
  base::Result<std::optional<std::int64_t>> number(const std::string& sql,
                                                   const std::vector<Value>& values);

  StoreOptions options_;
  std::unique_ptr<os::HeldLock> lock_;
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
};

base::Result<std::vector<Row>> SqliteStore::rows(const std::string& where,
                                                 const std::vector<Value>& values) {
  std::vector<Row> found;
  TRY(connection_->run(fmt::format("SELECT {} FROM job WHERE {}", job_columns(), where), values,
                       [&](const Answer& answer) {
                         found.push_back(row_at(answer));
                         return true;
                       }));
  return found;
}

base::Result<std::optional<std::int64_t>> SqliteStore::number(const std::string& sql,
                                                              const std::vector<Value>& values) {
  std::optional<std::int64_t> found;
  TRY(connection_->run(sql, values, [&](const Answer& answer) {
    if (!answer.is_null(0)) found = answer.integer(0);
    return true;
  }));
  return found;
}

base::Result<> SqliteStore::put_recipe(const Recipe& recipe) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(Transaction change, Transaction::begin(*connection_));
  TRY(
      connection_->run("INSERT INTO recipe(id, target, options, made_ms) VALUES($1, $2, $3, $4) "
                       "ON CONFLICT(id) DO NOTHING",
                       {recipe.id, recipe.target, recipe.options, recipe.made_ms}));
  for (const RecipeFile& file : recipe.files) {
    TRY(connection_->run(
        "INSERT INTO recipe_file(recipe, function, idx, version, size, sha256) "
        "VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(recipe, function, idx) DO NOTHING",
        {recipe.id, file.function, file.index, file.version, file.size, file.sha256}));
  }
  return change.commit();
}

base::Result<> SqliteStore::open_row(const Opening& opening) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(Transaction change, Transaction::begin(*connection_));
  Row row;
  row.opening = opening;
  row.opening.station = options_.station;
  row = cleaned(std::move(row));
  TRY_ASSIGN(const auto last,
             number("SELECT max(station_seq) FROM job WHERE station = $1", {row.opening.station}));
  row.seq = last.value_or(0) + 1;
  TRY(connection_->run(insert_job(), row_values(row)));
  return change.commit();
}

base::Result<> SqliteStore::close_row(const std::string& id, const Ending& ending,
                                      std::string_view report) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(Transaction change, Transaction::begin(*connection_));
  TRY(close_now(id, ending, report));
  return change.commit();
}

base::Result<> SqliteStore::close_now(const std::string& id, const Ending& ending,
                                      std::string_view report) {
  TRY_ASSIGN(std::vector<Row> open, rows("id = $1 AND outcome IS NULL", {id}));
  if (open.size() != 1) {
    return base::make_error(base::Errc::refused, "row-closed",
                            fmt::format("there is no open record {}", base::printable(id)),
                            "this is a fault of the program: please report it");
  }
  // Cleaned first, so that the digest can be made again from what is read.
  Row row = cleaned(closed(std::move(open.front()), ending));
  const std::string body = stored_report(report);
  row.digest = digest_of(row, body);
  TRY_ASSIGN(const std::int64_t marks, marks_of(*connection_, row));
  TRY_ASSIGN(const std::int64_t changed, connection_->run(close_job(), row_values(row)));
  if (changed != 1) {
    return base::make_error(base::Errc::internal, "a record was closed by somebody else");
  }
  TRY(connection_->run("UPDATE job SET marks = $2 WHERE id = $1", {id, marks}));
  TRY(count_in(*connection_, row, marks));
  if (!body.empty()) {
    TRY(connection_->run("INSERT INTO job_report(job, body) VALUES($1, $2)", {id, body}));
  }
  for (const std::string& target : options_.targets) {
    TRY(connection_->run("INSERT INTO outbox(target, job) VALUES($1, $2)", {target, id}));
  }
  return {};
}

base::Result<std::vector<std::string>> SqliteStore::close_lost(std::int64_t now_ms) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(Transaction change, Transaction::begin(*connection_));
  TRY_ASSIGN(const std::vector<Row> open,
             rows("outcome IS NULL AND station = $1 ORDER BY seq", {clean(options_.station)}));
  std::vector<std::string> ids;
  for (const Row& row : open) {
    Ending ending;
    ending.outcome = Outcome::lost;
    ending.code = "station-died";
    ending.message = "the station ended before the job did; nobody knows how it went";
    ending.ended_ms = now_ms;
    TRY(close_now(row.opening.id, ending, ""));
    ids.push_back(row.opening.id);
  }
  if (!ids.empty()) {
    TRY(insert_act({now_ms, "station", "lost",
                    fmt::format("{} jobs were open when the station died", ids.size())}));
  }
  TRY(change.commit());
  return ids;
}

base::Result<> SqliteStore::add_hook_run(const HookRun& run) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(Transaction change, Transaction::begin(*connection_));
  TRY(connection_->run(
      "INSERT INTO hook_run(job, on_event, n, exit_code, seconds, message, fields) "
      "VALUES($1, $2, $3, $4, $5, $6, $7)",
      {run.job, run.event, run.n, run.exit_code ? Value(*run.exit_code) : Value(), run.seconds,
       text_or_null(clean(run.message)), text_or_null(stored_report(run.fields))}));
  // A hook that runs after the record is safe goes where the record went.
  for (const std::string& target : options_.targets) {
    TRY(connection_->run(
        "INSERT INTO outbox(target, job) SELECT $1, id FROM job WHERE id = $2 AND outcome IS NOT "
        "NULL AND NOT EXISTS(SELECT 1 FROM outbox WHERE target = $1 AND job = $2)",
        {target, run.job}));
  }
  return change.commit();
}

base::Result<> SqliteStore::insert_act(const Act& act) {
  TRY(connection_->run(
      "INSERT INTO act(at_ms, who, what, detail, after_seq) VALUES($1, $2, $3, $4, "
      "(SELECT coalesce(max(seq), 0) FROM job))",
      {act.at_ms, text_or_null(clean(act.who)), clean(act.what), text_or_null(clean(act.detail))}));
  return {};
}

base::Result<> SqliteStore::add_act(const Act& act) {
  const std::lock_guard guard(mutex_);
  return insert_act(act);
}

base::Result<DeviceHistory> SqliteStore::history(const std::string& device) {
  const std::lock_guard guard(mutex_);
  DeviceHistory history;
  if (device.empty()) return history;
  TRY_ASSIGN(std::vector<Row> newest,
             rows("device = $1 AND kind = 'work' AND outcome IS NOT NULL ORDER BY seq DESC LIMIT 1",
                  {device}));
  if (!newest.empty()) history.last = std::move(newest.front());
  TRY_ASSIGN(const auto fails,
             number("SELECT count(*) FROM job WHERE device = $1 AND kind = 'work' AND outcome = "
                    "'fail' AND seq > coalesce((SELECT max(seq) FROM job WHERE device = $1 AND "
                    "kind = 'work' AND outcome = 'pass'), 0) AND seq > coalesce((SELECT "
                    "max(after_seq) FROM act WHERE what = 'release' AND detail = $1), 0)",
                    {device}));
  history.fails = static_cast<int>(fails.value_or(0));
  TRY(connection_->run(
      "SELECT what FROM act WHERE detail = $1 AND what IN ('hold', 'release') ORDER BY seq DESC "
      "LIMIT 1",
      {device}, [&](const Answer& answer) {
        history.held = answer.text(0) == "hold";
        return true;
      }));
  TRY_ASSIGN(history.assigned, assignment_of(*connection_, device));
  TRY_ASSIGN(history.elsewhere, judged_elsewhere(*connection_, device));
  return history;
}

base::Result<std::optional<Row>> SqliteStore::find_row(const std::string& id) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(std::vector<Row> found, rows("id = $1", {id}));
  if (found.empty()) return std::optional<Row>();
  return std::optional(std::move(found.front()));
}

base::Result<std::string> SqliteStore::report_of(const std::string& id) {
  const std::lock_guard guard(mutex_);
  std::string body;
  TRY(connection_->run("SELECT body FROM job_report WHERE job = $1", {id},
                       [&](const Answer& answer) {
                         body = answer.text(0);
                         return true;
                       }));
  return body;
}

base::Result<std::vector<Row>> SqliteStore::unannounced(std::int64_t since_ms) {
  const std::lock_guard guard(mutex_);
  return rows(
      "station = $1 AND outcome IS NOT NULL AND ended_ms >= $2 AND NOT EXISTS (SELECT 1 FROM "
      "hook_run WHERE hook_run.job = job.id AND on_event = 'result') ORDER BY station_seq",
      {clean(options_.station), since_ms});
}

base::Result<std::vector<Row>> SqliteStore::recent(std::size_t most) {
  const std::lock_guard guard(mutex_);
  return rows("station = $1 AND outcome IS NOT NULL ORDER BY station_seq DESC LIMIT $2",
              {clean(options_.station), static_cast<std::int64_t>(most)});
}

base::Result<std::vector<Row>> SqliteStore::ended_since(std::int64_t since_ms) {
  const std::lock_guard guard(mutex_);
  return rows("station = $1 AND outcome IS NOT NULL AND ended_ms >= $2 ORDER BY station_seq",
              {clean(options_.station), since_ms});
}

base::Result<std::optional<Act>> SqliteStore::last_act(const std::string& what) {
  const std::lock_guard guard(mutex_);
  std::optional<Act> found;
  TRY(connection_->run(
      "SELECT at_ms, who, what, detail FROM act WHERE what = $1 ORDER BY seq DESC LIMIT 1", {what},
      [&](const Answer& answer) {
        found = Act{answer.integer(0), answer.text(1), answer.text(2), answer.text(3)};
        return true;
      }));
  return found;
}

base::Result<std::int64_t> SqliteStore::passed_of_order(const std::string& order_no) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(const auto passed,
             number("SELECT count(DISTINCT coalesce(device, id)) FROM job WHERE order_no = $1 AND "
                    "kind = 'work' AND outcome = 'pass'",
                    {clean(order_no)}));
  return passed.value_or(0);
}

base::Result<bool> SqliteStore::passed_for_order(const std::string& order_no,
                                                 const std::string& device,
                                                 const std::string& job) {
  const std::lock_guard guard(mutex_);
  TRY_ASSIGN(const auto passed,
             number("SELECT count(*) FROM job WHERE device = $1 AND order_no = $2 AND "
                    "kind = 'work' AND outcome = 'pass' AND id <> $3",
                    {clean(device), clean(order_no), job}));
  return passed.value_or(0) > 0;
}

base::Result<std::optional<WorkOrder>> SqliteStore::work_order(const std::string& order_no) {
  const std::lock_guard guard(mutex_);
  return work_order_of(*connection_, clean(order_no));
}

base::Result<std::optional<std::int64_t>> SqliteStore::golden_pass_ms(const std::string& recipe) {
  const std::lock_guard guard(mutex_);
  return number(
      "SELECT max(ended_ms) FROM job WHERE station = $1 AND recipe = $2 AND kind = 'golden' AND "
      "outcome = 'pass'",
      {clean(options_.station), recipe});
}

std::int64_t SqliteStore::waiting() {
  const std::lock_guard guard(mutex_);
  const auto found = number("SELECT count(*) FROM outbox WHERE target = 'postgresql'", {});
  return found ? found->value_or(0) : 0;
}

base::Result<std::uint64_t> SqliteStore::free_space() {
  return base::free_space(base::folder_of(options_.path));
}

base::Result<std::unique_ptr<os::HeldLock>> lock_for(const StoreOptions& options) {
  os::LockAttempt attempt =
      os::take_lock(base::folder_of(options.path), base::file_name(options.path) + ".station",
                    "station " + options.station);
  if (attempt.lock != nullptr) return std::move(attempt.lock);
  if (attempt.holder) {
    return base::make_error(base::Errc::busy, "records-in-use",
                            fmt::format("another station has the records in {} (process {})",
                                        base::printable(options.path), attempt.holder->process),
                            "end that one first, or give this station a file of its own");
  }
  return base::make_error(base::Errc::bad_file, "records-failed",
                          fmt::format("the records in {} cannot be had for this station alone: {}",
                                      base::printable(options.path), attempt.error.message()),
                          "look at the rights of the folder");
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  TRY(base::make_directories(base::folder_of(options.path)));
  TRY_ASSIGN(std::unique_ptr<os::HeldLock> lock, lock_for(options));
  TRY_ASSIGN(std::unique_ptr<Connection> connection, open_sqlite(options.path, Access::create));
  TRY(migrate(*connection));
  TRY(connection->run(
      "INSERT INTO meta(key, value) VALUES('station_uid', lower(hex(randomblob(16)))) "
      "ON CONFLICT(key) DO NOTHING"));
  return std::unique_ptr<Store>(
      std::make_unique<SqliteStore>(options, std::move(lock), std::move(connection)));
}

base::Result<std::string> station_uid(const std::string& path) {
  TRY_ASSIGN(const std::unique_ptr<Connection> connection, open_sqlite(path, Access::read));
  std::string uid;
  TRY(connection->run("SELECT value FROM meta WHERE key = 'station_uid'", {},
                      [&](const Answer& answer) {
                        uid = answer.text(0);
                        return true;
                      }));
  return uid;
}

std::string default_records() {
  const std::string folder = base::state_directory();
  return folder.empty() ? folder : base::join(folder, "station.db");
}

}  // namespace records
