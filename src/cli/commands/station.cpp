// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/station.h"

#include "base/bytes.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "os/advice.h"
#include "records/postgres_connection.h"
#include "records/schema.h"
#include "records/sqlite_store.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace cli {
namespace {

// "2026": that many digits and nothing else.
std::optional<int> digits(std::string_view text, std::size_t count) {
  int value = 0;
  if (text.size() != count) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<std::int64_t> span_ms(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  constexpr std::int64_t kMost = 100'000'000;
  if (error != std::errc() || end + 1 != text.data() + text.size() || count < 0 || count > kMost) {
    return std::nullopt;
  }
  switch (*end) {
    case 'm':
      return count * 60'000;
    case 'h':
      return count * 3'600'000;
    case 'd':
      return count * 86'400'000;
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> time_of_day_ms(std::string_view text) {
  if (text.empty()) return 0;
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() != 6 && text.size() != 9) return std::nullopt;
  const auto hour = digits(text.substr(1, 2), 2);
  const auto minute = digits(text.substr(4, 2), 2);
  const auto second = text.size() == 9 ? digits(text.substr(7, 2), 2) : std::optional(0);
  const bool marks =
      (text[0] == 'T' || text[0] == ' ') && text[3] == ':' && (text.size() == 6 || text[6] == ':');
  if (!marks || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  return ((*hour * 60LL + *minute) * 60 + *second) * 1000;
}

}  // namespace

std::optional<std::int64_t> moment_of(const std::string& text, std::int64_t now) {
  if (const auto span = span_ms(text)) return now - *span;
  constexpr std::size_t kDate = 10;  // "2026-11-27"
  if (text.size() < kDate || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(std::string_view(text).substr(0, 4), 4);
  const auto month = digits(std::string_view(text).substr(5, 2), 2);
  const auto day = digits(std::string_view(text).substr(8, 2), 2);
  const auto time = time_of_day_ms(std::string_view(text).substr(kDate));
  if (!year || !month || !day || !time) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400'000} + *time;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string shown_records(const std::string& db) {
  if (records::is_server(db)) return records::shown_server(db);
  return base::printable(db.empty() ? records::default_records() : db);
}

base::Result<std::unique_ptr<records::Connection>> connect_records(const std::string& db,
                                                                   records::Access access) {
  const std::string path = db.empty() ? records::default_records() : db;
  if (path.empty()) {
    return base::make_error(
        base::Errc::usage, "no-state-folder", "there is no state folder: this user has no home",
        fmt::format("name the records with --db, or set {}", os::advice().state_variable));
  }
  return records::open_named(path, access);
}

base::Result<std::unique_ptr<records::Connection>> open_records(const std::string& db,
                                                                records::Access access) {
  TRY_ASSIGN(std::unique_ptr<records::Connection> connection, connect_records(db, access));
  TRY(records::check_schema(*connection));
  return connection;
}

Run add_station(CLI::App& command) {
  auto chosen = std::make_shared<Run>();
  add_station_run(command, chosen);
  add_station_slots(command, chosen);
  add_station_report(command, chosen);
  add_station_db(command, chosen);
  add_station_board(command, chosen);
  return [chosen](Context& context) { return (*chosen)(context); };
}

}  // namespace cli
