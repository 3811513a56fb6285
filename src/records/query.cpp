// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/query.h"

#include "records/row_sql.h"

#include <fmt/format.h>

namespace records {
namespace {

// The conditions of a WHERE, and what they are compared with.
struct Conditions {
  std::string sql = "1 = 1";
  std::vector<Value> values;

  // `condition` with {} where the parameter goes.
  void add(const char* condition, Value value) {
    values.push_back(std::move(value));
    sql += " AND " + fmt::format(fmt::runtime(condition), fmt::format("${}", values.size()));
  }
  void add_text(const char* condition, const std::string& text) {
    if (!text.empty()) add(condition, clean(text));
  }
};

void add_times(Conditions& where, const Filter& filter) {
  if (filter.since_ms) where.add("started_ms >= {}", *filter.since_ms);
  if (filter.until_ms) where.add("started_ms < {}", *filter.until_ms);
}

void add_outcome(Conditions& where, const std::string& outcome) {
  if (outcome == "open") {
    where.sql += " AND outcome IS NULL";
  } else {
    where.add_text("outcome = {}", outcome);
  }
}

// An id, or what it begins with.
void add_device(Conditions& where, const std::string& device) {
  constexpr std::size_t kWhole = 24;
  if (device.size() >= kWhole) return where.add_text("device = {}", device);
  if (device.empty()) return;
  where.add_text("device >= {}", device);
  where.add_text("device < {}", device + "g");  // behind every hexadecimal digit
}

Conditions conditions(const Filter& filter) {
  Conditions where;
  add_times(where, filter);
  where.add_text("station = {}", filter.station);
  where.add_text("slot = {}", filter.slot);
  add_device(where, filter.device);
  where.add_text("order_no = {}", filter.order_no);
  add_outcome(where, filter.outcome);
  return where;
}

const char* newest_first(Engine engine) {
  return engine == Engine::sqlite ? "seq DESC" : "started_ms DESC, station, station_seq DESC";
}

// The text of an id, which PostgreSQL has as a type of its own: another text is no error, but none.
const char* id_is(Engine engine, bool of_report) {
  if (engine == Engine::sqlite) return of_report ? "job = $1" : "id = $1";
  return of_report ? "CAST(job AS TEXT) = $1" : "CAST(id AS TEXT) = $1";
}

void take(Summary& summary, const Answer& answer) {
  const SlotKey slot{answer.text(0), answer.text(1)};
  const std::string kind = answer.text(2);
  const auto outcome = outcome_of(answer.text(3));
  const std::string code = answer.text(4);
  const std::int64_t n = answer.integer(5);
  if (!outcome) return;
  if (kind == name(Kind::golden)) {
    if (*outcome == Outcome::pass) summary.golden_pass += n;
    if (*outcome == Outcome::fail) summary.golden_fail += n;
  }
  if (kind != name(Kind::work)) return;
  Sums sums;
  switch (*outcome) {
    case Outcome::pass:
      sums.pass = n;
      break;
    case Outcome::fail:
      sums.fail = n;
      summary.fails[code][slot] += n;
      break;
    case Outcome::aborted:
      sums.aborted = n;
      break;
    case Outcome::lost:
      sums.lost = n;
      break;
  }
  sums.seconds = answer.real(6);
  sums.units = answer.integer(7);
  sums.units_passed = answer.integer(8);
  sums.first_pass = answer.integer(9);
  summary.all.add(sums);
  summary.by_slot[slot].add(sums);
}

constexpr const char* kFromRows =
    "SELECT coalesce(station, ''), coalesce(slot, ''), kind, outcome, coalesce(code, ''), "
    "count(*), "
    "sum(seconds), sum(marks % 2), sum((marks / 2) % 2), sum((marks / 4) % 2) FROM job "
    "WHERE outcome IS NOT NULL AND {} GROUP BY 1, 2, 3, 4, 5";
constexpr const char* kFromTally =
    "SELECT station, slot, kind, outcome, code, sum(n), sum(seconds), sum(units), sum(passed), "
    "sum(first) FROM tally WHERE {} GROUP BY 1, 2, 3, 4, 5";

base::Result<> sum_rows(Connection& connection, const Filter& filter, Summary& summary) {
  const Conditions where = conditions(filter);
  TRY(connection.run(fmt::format(fmt::runtime(kFromRows), where.sql), where.values,
                     [&](const Answer& answer) {
                       take(summary, answer);
                       return true;
                     }));
  return {};
}

// Whole days: from the day `first` to the day before `end`.
base::Result<> sum_days(Connection& connection, const Filter& filter,
                        std::optional<std::int64_t> first, std::optional<std::int64_t> end,
                        Summary& summary) {
  Conditions where;
  if (first) where.add("day >= {}", *first);
  if (end) where.add("day < {}", *end);
  where.add_text("station = {}", filter.station);
  where.add_text("slot = {}", filter.slot);
  where.add_text("order_no = {}", filter.order_no);
  where.add_text("outcome = {}", filter.outcome);
  TRY(connection.run(fmt::format(fmt::runtime(kFromTally), where.sql), where.values,
                     [&](const Answer& answer) {
                       take(summary, answer);
                       return true;
                     }));
  return {};
}

std::optional<double> ratio(double part, double whole) {
  if (whole == 0) return std::nullopt;
  return part / whole;
}

}  // namespace

base::Result<> each_row(Connection& connection, const Filter& filter, std::size_t most,
                        const std::function<bool(const Row& row)>& on_row) {
  const Conditions where = conditions(filter);
  const std::string limit = most == 0 ? std::string() : fmt::format(" LIMIT {}", most);
  TRY(connection.run(fmt::format("SELECT {} FROM job WHERE {} ORDER BY {}{}", job_columns(),
                                 where.sql, newest_first(connection.engine()), limit),
                     where.values, [&](const Answer& answer) { return on_row(row_at(answer)); }));
  return {};
}

base::Result<std::optional<Row>> row_of_id(Connection& connection, const std::string& id) {
  std::optional<Row> found;
  TRY(connection.run(
      fmt::format("SELECT {} FROM job WHERE {}", job_columns(), id_is(connection.engine(), false)),
      {clean(id)}, [&](const Answer& answer) {
        found = row_at(answer);
        return true;
      }));
  return found;
}

base::Result<std::string> report_of(Connection& connection, const std::string& id) {
  std::string body;
  TRY(connection.run(
      fmt::format("SELECT body FROM job_report WHERE {}", id_is(connection.engine(), true)),
      {clean(id)}, [&](const Answer& answer) {
        body = answer.text(0);
        return true;
      }));
  return body;
}

base::Result<std::vector<HookRun>> hook_runs_of(Connection& connection, const std::string& id) {
  std::vector<HookRun> runs;
  TRY(connection.run(
      "SELECT on_event, n, exit_code, seconds, message, fields FROM hook_run WHERE job = $1 "
      "ORDER BY on_event, n",
      {clean(id)}, [&](const Answer& answer) {
        HookRun run;
        run.job = id;
        run.event = answer.text(0);
        run.n = answer.integer(1);
        if (!answer.is_null(2)) run.exit_code = answer.integer(2);
        run.seconds = answer.real(3);
        run.message = answer.text(4);
        run.fields = answer.text(5);
        runs.push_back(std::move(run));
        return true;
      }));
  return runs;
}

base::Result<std::optional<std::string>> disagreed(Connection& connection, const std::string& id) {
  TRY_ASSIGN(const std::vector<HookRun> runs, hook_runs_of(connection, id));
  const HookRun* last = nullptr;
  for (const HookRun& run : runs) {
    if (run.event == "result" && (last == nullptr || run.n > last->n)) last = &run;
  }
  std::optional<std::string> why;
  if (last == nullptr || last->exit_code == 0) return why;
  why = last->message.empty() ? std::string("a hook failed") : last->message;
  return why;
}

base::Result<std::vector<Act>> acts(Connection& connection, std::size_t most) {
  std::vector<Act> found;
  TRY(connection.run(
      fmt::format("SELECT at_ms, who, what, detail FROM act ORDER BY seq DESC LIMIT {}", most), {},
      [&](const Answer& answer) {
        found.push_back({answer.integer(0), answer.text(1), answer.text(2), answer.text(3)});
        return true;
      }));
  return found;
}

std::optional<double> Sums::yield() const {
  return ratio(static_cast<double>(units_passed), static_cast<double>(units));
}

std::optional<double> Sums::first_pass_yield() const {
  return ratio(static_cast<double>(first_pass), static_cast<double>(units));
}

std::optional<double> Sums::seconds_per_unit() const {
  return ratio(seconds, static_cast<double>(units_passed));
}

void Sums::add(const Sums& other) {
  pass += other.pass;
  fail += other.fail;
  aborted += other.aborted;
  lost += other.lost;
  units += other.units;
  units_passed += other.units_passed;
  first_pass += other.first_pass;
  seconds += other.seconds;
}

base::Result<Summary> summary(Connection& connection, const Filter& filter) {
  Summary summary;
  Conditions open = conditions(filter);
  if (filter.outcome.empty() || filter.outcome == "open") {
    TRY(connection.run(
        fmt::format("SELECT count(*) FROM job WHERE outcome IS NULL AND {}", open.sql), open.values,
        [&](const Answer& answer) {
          summary.open = answer.integer(0);
          return true;
        }));
  }
  if (filter.outcome == "open") return summary;
  if (!filter.device.empty()) {
    TRY(sum_rows(connection, filter, summary));
    return summary;
  }
  // The part of a day at either end is summed up row by row.
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> end;
  if (filter.since_ms) first = day_of(*filter.since_ms + kDayMs - 1);
  if (filter.until_ms) end = day_of(*filter.until_ms);
  if (first && end && *first >= *end) {
    TRY(sum_rows(connection, filter, summary));
    return summary;
  }
  Filter part = filter;
  if (first && *first * kDayMs != *filter.since_ms) {
    part.until_ms = *first * kDayMs;
    TRY(sum_rows(connection, part, summary));
  }
  part = filter;
  if (end && *end * kDayMs != *filter.until_ms) {
    part.since_ms = *end * kDayMs;
    TRY(sum_rows(connection, part, summary));
  }
  TRY(sum_days(connection, filter, first, end, summary));
  return summary;
}

base::Result<std::vector<Duplicate>> duplicates(Connection& connection, const Filter& filter) {
  std::vector<Duplicate> found;
  const Conditions where = conditions(filter);
  const bool lite = connection.engine() == Engine::sqlite;
  const std::string stations =
      lite ? "group_concat(DISTINCT station)" : "string_agg(DISTINCT station, ',')";
  const auto ask = [&](const std::string& what, const std::string& having,
                       const char* reason) -> base::Result<> {
    TRY(connection.run(
        fmt::format("SELECT device, {}, count(*) FROM job WHERE device IS NOT NULL AND "
                    "kind = 'work' AND {} GROUP BY device HAVING {} ORDER BY device",
                    what, where.sql, having),
        where.values, [&](const Answer& answer) {
          found.push_back({answer.text(0), reason, answer.text(1), answer.integer(2)});
          return true;
        }));
    return {};
  };
  TRY(ask(stations, "count(DISTINCT station) > 1", "stations"));
  const std::string passes = "sum(CASE WHEN outcome = 'pass' THEN 1 ELSE 0 END)";
  TRY(ask(passes, passes + " > 1", "passed-again"));
  TRY(connection.run(
      fmt::format("SELECT DISTINCT device, imei FROM job WHERE device IS NOT NULL AND imei IN "
                  "(SELECT imei FROM job WHERE imei IS NOT NULL AND {} GROUP BY imei "
                  "HAVING count(DISTINCT device) > 1) ORDER BY imei, device",
                  where.sql),
      where.values, [&](const Answer& answer) {
        found.push_back({answer.text(0), "imei", answer.text(1), 0});
        return true;
      }));
  return found;
}

}  // namespace records
