// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"
#include "cli/commands/station.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "cli/words.h"
#include "report/documents/records.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct ReportOptions {
  std::string db;
  std::string since;
  std::string until;
  records::Filter filter;
  std::string most;
  bool duplicates = false;
  bool csv = false;
  bool summary = false;
};

// On a terminal so many of the newest are enough.
constexpr std::size_t kMostAsText = 100;

base::Result<std::optional<std::int64_t>> moment(const char* name, const std::string& text) {
  std::optional<std::int64_t> found;
  if (text.empty()) return found;
  found = moment_of(text, now_ms());
  if (found) return found;
  return base::make_error(base::Errc::usage,
                          fmt::format("{}: {} is no moment", name, base::printable(text)),
                          "say 2026-11-27, 2026-11-27T16:05 (UTC), or a time before now: 90m, 12h, "
                          "7d");
}

int print_csv(Context& context, records::Connection& connection, const records::Filter& filter,
              std::size_t most) {
  constexpr std::size_t kPiece = 64 * 1024;
  std::string piece = report::csv_head();
  const auto done = records::each_row(connection, filter, most, [&](const records::Row& row) {
    piece += report::csv_line(row);
    if (piece.size() > kPiece) {
      context.print(piece);
      piece.clear();
    }
    return !context.cancel().requested() && context.console.is_read();
  });
  context.print(piece);
  if (!done) return context.fail(done.error());
  if (context.cancel().requested()) {
    return context.fail(base::make_error(base::Errc::cancelled, "interrupted",
                                         "this is the beginning only: run it again"));
  }
  return report::kDone;
}

int print_rows(Context& context, records::Connection& connection, const records::Filter& filter,
               std::size_t most) {
  const bool text = !context.global.json;
  if (text && most == 0) most = kMostAsText;
  std::vector<records::Row> rows;
  // One more than is shown tells whether there are more.
  const auto done =
      records::each_row(connection, filter, most == 0 ? 0 : most + 1, [&](const records::Row& row) {
        rows.push_back(row);
        return !context.cancel().requested();
      });
  if (!done) return context.fail(done.error());
  const bool more = most != 0 && rows.size() > most;
  if (more) rows.pop_back();
  report::Held held;
  for (const records::Row& row : rows) {
    if (!row.ending || row.ending->outcome != records::Outcome::pass) continue;
    const auto why = records::disagreed(connection, row.opening.id);
    if (!why) return context.fail(why.error());
    if (*why) held[row.opening.id] = **why;
  }
  if (text) context.print(report::rows_text(rows, held, more, context.style()));
  return context.finish(report::rows_document(rows, &held), report::kDone);
}

int run_station_report(Context& context, ReportOptions options) {
  if (options.csv && context.global.json) {
    return context.fail(
        base::make_error(base::Errc::usage, "--csv and --json are two answers", "say one of them"));
  }
  const auto since = moment("--since", options.since);
  if (!since) return context.fail(since.error());
  const auto until = moment("--until", options.until);
  if (!until) return context.fail(until.error());
  options.filter.since_ms = *since;
  options.filter.until_ms = *until;
  options.filter.device = context.global.device;
  for (char& digit : options.filter.device) {
    if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
  }
  const auto opened = open_records(options.db, records::Access::read);
  if (!opened) return context.fail(opened.error());
  records::Connection& connection = **opened;
  if (options.summary) {
    const auto sums = records::summary(connection, options.filter);
    if (!sums) return context.fail(sums.error());
    if (!context.global.json) context.print(report::summary_text(*sums, context.style()));
    return context.finish(report::summary_document(*sums), report::kDone);
  }
  if (options.duplicates) {
    const auto found = records::duplicates(connection, options.filter);
    if (!found) return context.fail(found.error());
    if (!context.global.json) context.print(report::duplicates_text(*found));
    return context.finish(report::duplicates_document(*found), report::kDone);
  }
  const std::size_t most =
      options.most.empty() ? 0 : static_cast<std::size_t>(*decimal(options.most));
  if (options.csv) return print_csv(context, connection, options.filter, most);
  return print_rows(context, connection, options.filter, most);
}

std::string problem_with_count(const std::string& text) {
  const auto value = decimal(text);
  constexpr double kMost = 1e9;
  const bool whole = text.find('.') == std::string::npos;
  return value && whole && *value >= 1 && *value <= kMost ? std::string()
                                                          : "it is a number of jobs, from 1";
}

}  // namespace

void add_station_report(CLI::App& station, const ChosenRun& chosen) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App& report = add_below(
      station, "report", "What the records say: jobs, the newest first, or sums",
      [chosen, options] {
        *chosen = [options](Context& context) { return run_station_report(context, *options); };
      });
  option(report, "--db", options->db,
         "The records: a file, or postgresql://... (default: in the state folder)")
      .type_name("FILE");
  option(report, "--since", options->since, "Jobs that started then or later: 2026-11-27, 12h, 7d")
      .type_name("TIME");
  option(report, "--until", options->until, "Jobs that started before that").type_name("TIME");
  option(report, "--station", options->filter.station, "Jobs of this station").type_name("NAME");
  option(report, "--slot", options->filter.slot, "Jobs in this slot").type_name("NAME");
  option(report, "--order", options->filter.order_no, "Jobs for this order").type_name("NUMBER");
  option(report, "--outcome", options->filter.outcome, "Jobs that ended so")
      .one_of({"pass", "fail", "aborted", "lost", "open"})
      .type_name("pass|fail|aborted|lost|open");
  option(report, "--most", options->most, "No more jobs than that (as text: 100)")
      .check(problem_with_count, "NUMBER")
      .type_name("N");
  flag(report, "--duplicates", options->duplicates,
       "Devices that were worked on in several stations or passed twice");
  const Option csv = flag(report, "--csv", options->csv, "Print CSV, a job a line");
  flag(report, "--summary", options->summary,
       "Print sums: yield, first-pass yield, time per unit, fails by code and slot")
      .excludes(csv);
}

}  // namespace cli
