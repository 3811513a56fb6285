// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/schema.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace records {
namespace {

// Where the engines differ: {key}, {own_seq}, {real}, {id}, {body}, {received}, {seq}.
//
// job.marks and tally are sums kept at hand, so that a summary of years takes no look at every row.
// marks: 1 the first verdict (pass or fail) on this device, 2 its first pass, 4 both at once.
// tally.day: days since 1970 of started_ms. act.after_seq: the last job when it was done, since a
// clock may jump.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE recipe(id TEXT PRIMARY KEY, target TEXT, options TEXT, made_ms BIGINT);
CREATE TABLE recipe_file(
  recipe TEXT NOT NULL, function TEXT NOT NULL, idx BIGINT NOT NULL, version BIGINT, size BIGINT,
  sha256 TEXT, PRIMARY KEY(recipe, function, idx));
CREATE TABLE job({own_seq}
  id {id}, station TEXT NOT NULL, station_seq BIGINT NOT NULL, slot TEXT, recipe TEXT, kind TEXT,
  previous TEXT, attempt BIGINT, device TEXT, identity_by TEXT, continuous BIGINT, imei TEXT,
  iccid TEXT, operator TEXT, order_no TEXT, started_ms BIGINT NOT NULL, ended_ms BIGINT,
  seconds {real}, boot TEXT, clock TEXT, outcome TEXT, code TEXT, message TEXT,
  before_release TEXT, before_bootloader TEXT, after_release TEXT, after_bootloader TEXT,
  bytes_written BIGINT, bytes_verified BIGINT, retries BIGINT, backup TEXT, tool TEXT, digest TEXT,
  marks BIGINT NOT NULL DEFAULT 0{received}, UNIQUE(station, station_seq));
CREATE TABLE job_report(job {id}, body {body} NOT NULL);
CREATE TABLE hook_run(
  job TEXT NOT NULL, on_event TEXT NOT NULL, n BIGINT NOT NULL, exit_code BIGINT, seconds {real},
  message TEXT, fields TEXT, PRIMARY KEY(job, on_event, n));
CREATE TABLE act(
  {seq}, at_ms BIGINT NOT NULL, who TEXT, what TEXT NOT NULL, detail TEXT, after_seq BIGINT);
CREATE TABLE tally(
  day BIGINT NOT NULL, station TEXT NOT NULL, slot TEXT NOT NULL, order_no TEXT NOT NULL,
  kind TEXT NOT NULL, outcome TEXT NOT NULL, code TEXT NOT NULL, n BIGINT NOT NULL,
  seconds {real} NOT NULL, units BIGINT NOT NULL, passed BIGINT NOT NULL, first BIGINT NOT NULL,
  PRIMARY KEY(day, station, slot, order_no, kind, outcome, code));
CREATE INDEX job_device ON job(device, started_ms);
CREATE INDEX job_started ON job(started_ms);
CREATE INDEX job_outcome ON job(outcome, started_ms);
CREATE INDEX job_order ON job(order_no);
CREATE INDEX act_what ON act(what, detail);
)sql";

constexpr std::string_view kFirstSqlite = R"sql(
CREATE TABLE outbox(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, job TEXT NOT NULL,
  tries BIGINT NOT NULL DEFAULT 0, next_ms BIGINT NOT NULL DEFAULT 0);
CREATE INDEX outbox_target ON outbox(target, next_ms);
)sql";

// work_order: what is to be made; assignment: what one device must get, whatever the station does.
constexpr std::string_view kFirstPostgresql = R"sql(
CREATE TABLE work_order(order_no TEXT PRIMARY KEY, recipe TEXT, quantity BIGINT);
CREATE TABLE assignment(device TEXT PRIMARY KEY, recipe TEXT NOT NULL, reason TEXT);
)sql";

// What the server wants, copied: a station keeps to it when the server is away (orders.h).
constexpr std::string_view kSecondSqlite = R"sql(
CREATE TABLE work_order(
  order_no TEXT PRIMARY KEY, recipe TEXT, quantity BIGINT, elsewhere BIGINT NOT NULL DEFAULT 0);
CREATE TABLE assignment(device TEXT PRIMARY KEY, recipe TEXT NOT NULL, reason TEXT);
CREATE TABLE judged_elsewhere(
  device TEXT PRIMARY KEY, station TEXT, slot TEXT, recipe TEXT, passed BIGINT NOT NULL,
  ended_ms BIGINT NOT NULL);
)sql";
// A server has the tables already; it is asked what has come since.
constexpr std::string_view kSecondPostgresql = R"sql(
CREATE INDEX job_received ON job(received_at);
)sql";

void replace(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), by);
    at += by.size();
  }
}

std::string in_words_of(Engine engine, std::string_view sql) {
  const bool lite = engine == Engine::sqlite;
  std::string text(sql);
  replace(text, "{own_seq}", lite ? "seq INTEGER PRIMARY KEY AUTOINCREMENT," : "");
  // A key of its own, beside seq; SQLite has no type for it.
  replace(text, "{id}", lite ? "TEXT NOT NULL UNIQUE" : "UUID PRIMARY KEY");
  replace(text, "{real}", lite ? "REAL" : "DOUBLE PRECISION");
  replace(text, "{body}", lite ? "TEXT" : "JSONB");
  replace(text, "{received}", lite ? "" : ", received_at TIMESTAMPTZ NOT NULL DEFAULT now()");
  replace(text, "{seq}",
          lite ? "seq INTEGER PRIMARY KEY AUTOINCREMENT" : "seq BIGSERIAL PRIMARY KEY");
  return text;
}

// One step a number, the first makes number 1. What has been published once is never changed.
std::vector<std::string> steps(Engine engine) {
  const bool lite = engine == Engine::sqlite;
  return {in_words_of(engine, kFirst) + std::string(lite ? kFirstSqlite : kFirstPostgresql),
          std::string(lite ? kSecondSqlite : kSecondPostgresql)};
}

constexpr std::string_view kHasMeta[] = {
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'",
    "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta'"};

// Any number will do, as long as every program of ours takes the same.
constexpr const char* kMigrationLock = "SELECT pg_advisory_xact_lock(4011181934)";

base::Error newer(int found) {
  return base::make_error(
      base::Errc::refused, "schema-newer",
      fmt::format("a newer electron-rescue has written these records (their form is {}, this one "
                  "knows {})",
                  found, newest_schema()),
      "update electron-rescue on this computer");
}

base::Result<> one_step(Connection& connection, int number, const std::string& sql) {
  TRY_ASSIGN(Transaction change, Transaction::begin(connection));
  if (connection.engine() == Engine::postgresql) TRY(connection.run(kMigrationLock));
  // Somebody else may have been quicker.
  TRY_ASSIGN(const int found, schema_of(connection));
  if (found >= number) return change.commit();
  TRY(connection.script(sql));
  TRY(
      connection.run("INSERT INTO meta(key, value) VALUES('schema', $1) "
                     "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                     {std::to_string(number)}));
  return change.commit();
}

}  // namespace

int newest_schema() { return static_cast<int>(steps(Engine::sqlite).size()); }

base::Result<int> schema_of(Connection& connection) {
  std::int64_t tables = 0;
  const std::size_t engine = connection.engine() == Engine::sqlite ? 0 : 1;
  TRY(connection.run(std::string(kHasMeta[engine]), {}, [&](const Answer& answer) {
    tables = answer.integer(0);
    return true;
  }));
  if (tables == 0) return 0;
  int found = 0;
  TRY(connection.run("SELECT value FROM meta WHERE key = 'schema'", {}, [&](const Answer& answer) {
    found = static_cast<int>(answer.integer(0));
    return true;
  }));
  return found;
}

base::Result<int> migrate(Connection& connection) {
  TRY_ASSIGN(const int before, schema_of(connection));
  if (before > newest_schema()) return newer(before);
  const std::vector<std::string> all = steps(connection.engine());
  for (int number = before + 1; number <= newest_schema(); ++number) {
    TRY(base::in_context(one_step(connection, number, all[static_cast<std::size_t>(number) - 1]),
                         fmt::format("bringing the records to form {}", number)));
  }
  return before;
}

base::Result<> check_schema(Connection& connection) {
  TRY_ASSIGN(const int found, schema_of(connection));
  if (found > newest_schema()) return newer(found);
  if (found == newest_schema()) return {};
  return base::make_error(
      base::Errc::refused, "schema-older",
      found == 0
          ? std::string("there are no tables of electron-rescue here")
          : fmt::format("these records are of an older form ({}, not {})", found, newest_schema()),
      found == 0 ? "make them: station db init" : "bring them up to date: station db migrate");
}

}  // namespace records
