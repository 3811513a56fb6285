// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "cli/commands/station.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "cli/run_log.h"
#include "os/computer.h"
#include "records/exchange.h"
#include "records/forward.h"
#include "records/postgres_connection.h"
#include "records/query.h"
#include "records/row_sql.h"
#include "records/schema.h"
#include "report/document.h"
#include "report/documents/records.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

struct DbOptions {
  std::string db;
  std::string file;    // of export and import
  std::string before;  // of prune
  std::string to;      // of forward
};

using Act = int (*)(Context&, const DbOptions&);

int told(Context& context, const std::string& text, const Json& more) {
  if (!context.global.json) context.print(text);
  Json json = report::document();
  json.update(more);
  return context.finish(json, report::kDone);
}

// Makes the tables, or brings them up to date; sums are made anew where rows are there.
int bring_up_to_date(Context& context, const DbOptions& options, records::Access access) {
  const auto connection = connect_records(options.db, access);
  if (!connection) return context.fail(connection.error());
  const auto before = records::migrate(**connection);
  if (!before) return context.fail(before.error());
  if (access == records::Access::write) {
    if (const auto counted = records::count_again(**connection); !counted) {
      return context.fail(counted.error());
    }
  }
  const int now = records::newest_schema();
  const std::string place = shown_records(options.db);
  return told(context,
              *before == now ? fmt::format("the records in {} are up to date\n", place)
                             : fmt::format("the records in {} are ready\n", place),
              {{"db", place}, {"schema_before", *before}, {"schema_now", now}});
}

int run_init(Context& context, const DbOptions& options) {
  const std::string& path = options.db;
  if (!path.empty() && !records::is_server(path)) {
    if (const auto made = base::make_directories(base::folder_of(path)); !made) {
      return context.fail(made.error());
    }
  } else if (path.empty() && !base::state_directory().empty()) {
    if (const auto made = base::make_directories(base::state_directory()); !made) {
      return context.fail(made.error());
    }
  }
  return bring_up_to_date(context, options, records::Access::create);
}

int run_migrate(Context& context, const DbOptions& options) {
  return bring_up_to_date(context, options, records::Access::write);
}

int run_check(Context& context, const DbOptions& options) {
  const auto connection = connect_records(options.db, records::Access::read);
  if (!connection) return context.fail(connection.error());
  const auto checked = records::check(**connection, context.cancel());
  if (!checked) return context.fail(checked.error());
  if (!context.global.json) context.print(report::check_text(*checked));
  Json document = report::check_document(*checked);
  if (checked->problems.empty()) return context.finish(document, report::kDone);
  return context.fail(
      base::make_error(base::Errc::bad_file, "records-damaged",
                       fmt::format("the records in {} are not well: {}", shown_records(options.db),
                                   checked->problems.front()),
                       "keep this file, and compare it with the last good copy of it"),
      std::move(document));
}

int run_export(Context& context, const DbOptions& options) {
  if (base::exists(options.file)) {
    const auto agreed = context.console.consent(
        fmt::format("{} exists. Replace it?", base::printable(options.file)),
        base::make_error(base::Errc::usage, "file-exists", "nothing was exported",
                         "name a file that does not exist, or say --yes"));
    if (!agreed) return context.fail(agreed.error());
    if (const auto gone = base::remove_file(options.file); !gone) return context.fail(gone.error());
  }
  const auto connection = open_records(options.db, records::Access::read);
  if (!connection) return context.fail(connection.error());
  auto file = base::LineFile::create_new(options.file, base::Privacy::normal);
  if (!file) return context.fail(file.error());
  const auto lines = records::export_all(**connection, [&](const std::string& line) {
    file->line(line);
    return file->problem().empty() && !context.cancel().requested();
  });
  if (!lines) return context.fail(lines.error());
  if (!file->problem().empty()) {
    return context.fail(base::make_error(
        base::Errc::bad_file, fmt::format("{}: {}", base::printable(options.file), file->problem()),
        "make room, or name another place"));
  }
  if (context.cancel().requested()) {
    return context.fail(base::make_error(base::Errc::cancelled, "interrupted",
                                         "the file holds the beginning only: run it again"));
  }
  return told(context, fmt::format("{} jobs are in {}\n", *lines, base::printable(options.file)),
              {{"file", options.file}, {"jobs", *lines}});
}

base::Result<Json> take_all_in(Context& context, records::Connection& connection,
                               const std::string& text) {
  std::int64_t added = 0;
  std::int64_t known = 0;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size() && !context.cancel().requested();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty()) continue;
    const std::string where = fmt::format("line {}", number);
    TRY_ASSIGN(const records::Entry entry, base::in_context(records::entry_of(line), where));
    TRY_ASSIGN(const records::Taken taken,
               base::in_context(records::take_in(connection, entry), where));
    ++(taken == records::Taken::added ? added : known);
  }
  return Json{{"added", added}, {"known", known}};
}

int run_import(Context& context, const DbOptions& options) {
  constexpr std::uint64_t kMost = std::uint64_t{4} << 30;
  const auto bytes = base::read_file(options.file, kMost);
  if (!bytes) return context.fail(bytes.error());
  const auto connection = open_records(options.db, records::Access::write);
  if (!connection) return context.fail(connection.error());
  auto counts = take_all_in(context, **connection, base::as_text(*bytes));
  if (!counts) return context.fail(counts.error());
  if (context.cancel().requested()) {
    return context.fail(base::make_error(base::Errc::cancelled, "interrupted",
                                         "run it again: what is there is taken in once only"));
  }
  return told(
      context,
      fmt::format("{} jobs were taken in, {} were there already\n",
                  (*counts)["added"].get<std::int64_t>(), (*counts)["known"].get<std::int64_t>()),
      *counts);
}

int run_forward(Context& context, const DbOptions& options) {
  if (!records::is_server(options.to)) {
    return context.fail(base::make_error(base::Errc::usage, "--to names no server",
                                         "say postgresql://USER@HOST/DATABASE"));
  }
  const auto local = open_records(options.db, records::Access::write);
  if (!local) return context.fail(local.error());
  const auto server = open_records(options.to, records::Access::write);
  if (!server) return context.fail(server.error());
  // All that waits, whenever its turn would be.
  const auto due = (*local)->run("UPDATE outbox SET next_ms = 0 WHERE target = $1",
                                 {std::string(records::kServerTarget)});
  if (!due) return context.fail(due.error());
  const auto done = records::forward(**local, **server, now_ms(), context.cancel());
  if (!done) return context.fail(done.error());
  Json counts{{"added", done->added}, {"known", done->known}, {"waiting", done->waiting}};
  const std::string text =
      fmt::format("{} jobs are on {} now, {} were there already, {} wait\n", done->added,
                  shown_records(options.to), done->known, done->waiting);
  if (done->refused.empty()) return told(context, text, counts);
  Json document = report::document();
  document.update(counts);
  document["problems"] = done->refused;
  return context.fail(
      base::make_error(base::Errc::refused, "record-differs", done->refused.front(),
                       "was the disk of this station cloned, or put back to an older state?"),
      std::move(document));
}

// The logs of jobs that ended before that: named by their jobs, in a folder for each station. Those
// of jobs that these records do not have stay.
base::Result<std::int64_t> remove_old_logs(records::Connection& connection,
                                           std::int64_t before_ms) {
  std::int64_t removed = 0;
  const auto folders = base::list_folders(default_log_directory());
  if (!folders) return removed;
  for (const std::string& folder : *folders) {
    const auto files = base::list_files(folder);
    if (!files) continue;
    for (const std::string& file : *files) {
      const std::string name = base::file_name(file);
      TRY_ASSIGN(const auto row, records::row_of_id(connection, name.substr(0, name.find('.'))));
      if (!row || !row->ending || row->ending->ended_ms >= before_ms) continue;
      TRY(base::remove_file(file));
      ++removed;
    }
  }
  return removed;
}

int run_prune(Context& context, const DbOptions& options) {
  const auto before = moment_of(options.before, now_ms());
  if (!before) {
    return context.fail(
        base::make_error(base::Errc::usage,
                         fmt::format("--before: {} is no moment", base::printable(options.before)),
                         "say 2026-11-27, or a time before now: 30d"));
  }
  const auto connection = open_records(options.db, records::Access::write);
  if (!connection) return context.fail(connection.error());
  const auto agreed = context.console.consent(
      fmt::format("Remove the reports, backups and logs of jobs that ended before {} UTC?",
                  report::utc_text(*before)),
      base::make_error(base::Errc::usage, "nothing was removed",
                       "say --yes to remove them without being asked"));
  if (!agreed) return context.fail(agreed.error());
  const auto pruned = records::prune(**connection, *before, now_ms(), os::user_name());
  if (!pruned) return context.fail(pruned.error());
  std::int64_t removed = 0;
  for (const std::string& backup : pruned->backups) {
    if (!base::exists(backup)) continue;
    if (const auto gone = base::remove_file(backup); !gone) {
      context.note(gone.error().message);
    } else {
      ++removed;
    }
  }
  const auto logs = remove_old_logs(**connection, *before);
  if (!logs) return context.fail(logs.error());
  return told(
      context,
      fmt::format("{} reports, {} backups and {} logs were removed; the jobs themselves stay\n",
                  pruned->reports, removed, *logs),
      {{"reports", pruned->reports}, {"backups", removed}, {"logs", *logs}});
}

}  // namespace

void add_station_db(CLI::App& station, const ChosenRun& chosen) {
  auto options = std::make_shared<DbOptions>();
  CLI::App& db = add_below(station, "db", "Look after the records", [] {});
  const auto add = [&](const char* name, const char* words, Act act) -> CLI::App& {
    CLI::App& below = add_below(db, name, words, [chosen, options, act] {
      *chosen = [options, act](Context& context) { return act(context, *options); };
    });
    option(below, "--db", options->db,
           "The records: a file, or postgresql://... (default: in the state folder)")
        .type_name("FILE");
    return below;
  };
  add("init", "Make the tables where there are none", run_init);
  add("migrate", "Bring the tables up to date, and the sums", run_migrate);
  add("check", "Read every record, and say whether all is well", run_check);
  CLI::App& out = add("export", "Write every job that has ended to a file, one a line", run_export);
  option(out, "FILE", options->file, "The file to write").required().type_name("");
  CLI::App& in = add("import", "Take in what export has written; each job once", run_import);
  option(in, "FILE", options->file, "The file to read").required().type_name("");
  CLI::App& to = add("forward", "Send what waits to a server now", run_forward);
  option(to, "--to", options->to, "The server: postgresql://USER@HOST/DATABASE")
      .required()
      .type_name("URL");
  CLI::App& prune =
      add("prune", "Remove reports, backups and logs of old jobs; the jobs stay", run_prune);
  option(prune, "--before", options->before, "Of jobs that ended before: 2026-11-27, 30d")
      .required()
      .type_name("TIME");
}

}  // namespace cli
