// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/row_sql.h"

#include "base/bytes.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace records {
namespace {

constexpr std::array kColumns{"id",
                              "station",
                              "station_seq",
                              "slot",
                              "recipe",
                              "kind",
                              "previous",
                              "attempt",
                              "device",
                              "identity_by",
                              "continuous",
                              "imei",
                              "iccid",
                              "operator",
                              "order_no",
                              "started_ms",
                              "ended_ms",
                              "seconds",
                              "boot",
                              "clock",
                              "outcome",
                              "code",
                              "message",
                              "before_release",
                              "before_bootloader",
                              "after_release",
                              "after_bootloader",
                              "bytes_written",
                              "bytes_verified",
                              "retries",
                              "backup",
                              "tool",
                              "digest"};

template <class Of>
auto word_or(Of of, const std::string& text, decltype(of(text)) otherwise) {
  const auto value = of(text);
  return value ? *value : *otherwise;
}

std::string joined(std::string_view each) {
  std::string text;
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    if (i > 0) text += ", ";
    text += fmt::format(fmt::runtime(each), fmt::arg("name", kColumns[i]), fmt::arg("n", i + 1));
  }
  return text;
}

}  // namespace

const std::string& job_columns() {
  static const std::string kText = joined("{name}");
  return kText;
}

const std::string& insert_job() {
  static const std::string kText =
      fmt::format("INSERT INTO job({}) VALUES({})", joined("{name}"), joined("${n}"));
  return kText;
}

const std::string& close_job() {
  static const std::string kText =
      fmt::format("UPDATE job SET {} WHERE id = $1 AND outcome IS NULL", joined("{name} = ${n}"));
  return kText;
}

std::string clean(const std::string& text) { return base::printable(text); }

Row cleaned(Row row) {
  Opening& opening = row.opening;
  for (std::string* text :
       {&opening.station, &opening.slot, &opening.recipe, &opening.previous, &opening.device,
        &opening.operator_name, &opening.order_no, &opening.boot, &opening.tool}) {
    *text = clean(*text);
  }
  if (!row.ending) return row;
  Ending& ending = *row.ending;
  for (std::string* text : {&ending.code, &ending.message, &ending.imei, &ending.iccid,
                            &ending.before_release, &ending.before_bootloader,
                            &ending.after_release, &ending.after_bootloader, &ending.backup}) {
    *text = clean(*text);
  }
  return row;
}

Row row_at(const Answer& answer) {
  int column = 0;
  const auto text = [&] { return answer.text(column++); };
  const auto integer = [&] { return answer.integer(column++); };
  Row row;
  Opening& opening = row.opening;
  Ending ending;
  opening.id = text();
  opening.station = text();
  row.seq = integer();
  opening.slot = text();
  opening.recipe = text();
  opening.kind = word_or(kind_of, text(), Kind::work);
  opening.previous = text();
  opening.attempt = integer();
  opening.device = ending.device = text();
  opening.identity_by = ending.identity_by = word_or(identity_by_of, text(), IdentityBy::none);
  if (!answer.is_null(column)) ending.continuous = answer.integer(column) != 0;
  ++column;
  ending.imei = text();
  ending.iccid = text();
  opening.operator_name = ending.operator_name = text();
  opening.order_no = ending.order_no = text();
  opening.started_ms = integer();
  ending.ended_ms = integer();
  ending.seconds = answer.real(column++);
  opening.boot = text();
  opening.clock_is_sure = text() == "ok";
  const auto outcome = outcome_of(text());
  ending.outcome = outcome.value_or(Outcome::lost);
  ending.code = text();
  ending.message = text();
  ending.before_release = text();
  ending.before_bootloader = text();
  ending.after_release = text();
  ending.after_bootloader = text();
  ending.bytes_written = integer();
  ending.bytes_verified = integer();
  ending.retries = integer();
  ending.backup = text();
  opening.tool = text();
  row.digest = text();
  if (outcome) row.ending = std::move(ending);
  return row;
}

std::vector<Value> row_values(const Row& row) {
  const Opening& opening = row.opening;
  const Ending ending = row.ending.value_or(Ending{});
  const bool closed = row.ending.has_value();
  const auto text = [](const std::string& value) { return text_or_null(value); };
  const auto word = [](std::string_view value) { return Value(std::string(value)); };
  const auto if_closed = [&](Value value) { return closed ? std::move(value) : Value(); };
  return {opening.id,
          opening.station,
          row.seq,
          text(opening.slot),
          text(opening.recipe),
          word(name(opening.kind)),
          text(opening.previous),
          opening.attempt,
          text(opening.device),
          word(name(opening.identity_by)),
          ending.continuous ? Value(std::int64_t{*ending.continuous}) : Value(),
          text(ending.imei),
          text(ending.iccid),
          text(opening.operator_name),
          text(opening.order_no),
          opening.started_ms,
          if_closed(ending.ended_ms),
          if_closed(ending.seconds),
          text(opening.boot),
          word(opening.clock_is_sure ? "ok" : "unsure"),
          if_closed(word(name(ending.outcome))),
          text(ending.code),
          text(ending.message),
          text(ending.before_release),
          text(ending.before_bootloader),
          text(ending.after_release),
          text(ending.after_bootloader),
          if_closed(ending.bytes_written),
          if_closed(ending.bytes_verified),
          if_closed(ending.retries),
          text(ending.backup),
          text(opening.tool),
          text(row.digest)};
}

std::int64_t day_of(std::int64_t at_ms) {
  const std::int64_t day = at_ms / kDayMs;
  return at_ms % kDayMs < 0 ? day - 1 : day;
}

base::Result<std::int64_t> marks_of(Connection& connection, const Row& row) {
  constexpr std::int64_t kFirstVerdict = 1;
  constexpr std::int64_t kFirstPass = 2;
  constexpr std::int64_t kFirstTime = 4;
  const bool pass = row.ending && row.ending->outcome == Outcome::pass;
  const bool verdict = pass || (row.ending && row.ending->outcome == Outcome::fail);
  if (!verdict || row.opening.kind != Kind::work) return 0;
  bool tried = false;
  bool passed = false;
  // A device that does not tell its id cannot be known again: each is counted as one.
  if (!row.opening.device.empty()) {
    TRY(connection.run(
        "SELECT coalesce(max(marks % 2), 0), coalesce(max((marks / 2) % 2), 0) FROM job "
        "WHERE device = $1",
        {row.opening.device}, [&](const Answer& answer) {
          tried = answer.integer(0) != 0;
          passed = answer.integer(1) != 0;
          return true;
        }));
  }
  return (tried ? 0 : kFirstVerdict) + (pass && !passed ? kFirstPass : 0) +
         (pass && !tried ? kFirstTime : 0);
}

base::Result<> count_in(Connection& connection, const Row& row, std::int64_t marks) {
  if (!row.ending) return {};
  const Ending& ending = *row.ending;
  const auto bit = [&](std::int64_t mark) { return Value(std::int64_t{(marks & mark) != 0}); };
  TRY(connection.run(
      "INSERT INTO tally(day, station, slot, order_no, kind, outcome, code, n, seconds, units, "
      "passed, first) VALUES($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11) "
      "ON CONFLICT(day, station, slot, order_no, kind, outcome, code) DO UPDATE SET "
      "n = tally.n + 1, seconds = tally.seconds + excluded.seconds, "
      "units = tally.units + excluded.units, passed = tally.passed + excluded.passed, "
      "first = tally.first + excluded.first",
      {day_of(row.opening.started_ms), row.opening.station, row.opening.slot, row.opening.order_no,
       std::string(name(row.opening.kind)), std::string(name(ending.outcome)), ending.code,
       ending.seconds, bit(1), bit(2), bit(4)}));
  return {};
}

base::Result<> count_again(Connection& connection) {
  TRY_ASSIGN(Transaction change, Transaction::begin(connection));
  TRY(connection.run("DELETE FROM tally"));
  TRY(connection.run(
      "INSERT INTO tally(day, station, slot, order_no, kind, outcome, code, n, seconds, units, "
      "passed, first) SELECT started_ms / 86400000, station, coalesce(slot, ''), "
      "coalesce(order_no, ''), kind, outcome, coalesce(code, ''), count(*), "
      "coalesce(sum(seconds), 0), sum(marks % 2), sum((marks / 2) % 2), sum((marks / 4) % 2) "
      "FROM job WHERE outcome IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"));
  return change.commit();
}

}  // namespace records
