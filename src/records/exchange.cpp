// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/exchange.h"

#include "base/bytes.h"
#include "records/query.h"
#include "records/row_json.h"
#include "records/row_sql.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace records {
namespace {

using Json = nlohmann::ordered_json;

Json recipe_json(const Recipe& recipe) {
  Json files = Json::array();
  for (const RecipeFile& file : recipe.files) {
    files.push_back({{"function", file.function},
                     {"idx", file.index},
                     {"version", file.version},
                     {"size", file.size},
                     {"sha256", file.sha256}});
  }
  return {{"id", recipe.id},
          {"target", recipe.target},
          {"options", recipe.options},
          {"made_ms", recipe.made_ms},
          {"files", std::move(files)}};
}

base::Error bad_line(std::string_view why) {
  return base::make_error(base::Errc::bad_file, "bad-record",
                          fmt::format("this is no record of a job: {}", why),
                          "take a file that station db export has written");
}

// The JSON library throws where a value is of another type; this asks first.
std::string text_in(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}
std::int64_t number_in(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Recipe recipe_of(const nlohmann::json& json) {
  Recipe recipe;
  recipe.id = text_in(json, "id");
  recipe.target = text_in(json, "target");
  recipe.options = text_in(json, "options");
  recipe.made_ms = number_in(json, "made_ms");
  const auto files = json.find("files");
  if (files == json.end() || !files->is_array()) return recipe;
  for (const auto& file : *files) {
    if (!file.is_object()) continue;
    recipe.files.push_back({text_in(file, "function"), number_in(file, "idx"),
                            number_in(file, "version"), number_in(file, "size"),
                            text_in(file, "sha256")});
  }
  return recipe;
}

base::Result<std::optional<Recipe>> read_recipe(Connection& connection, const std::string& id) {
  std::optional<Recipe> found;
  if (id.empty()) return found;
  TRY(connection.run(
      "SELECT id, target, options, made_ms FROM recipe WHERE id = $1", {id},
      [&](const Answer& answer) {
        found = Recipe{answer.text(0), answer.text(1), answer.text(2), answer.integer(3), {}};
        return true;
      }));
  if (!found) return found;
  TRY(connection.run(
      "SELECT function, idx, version, size, sha256 FROM recipe_file WHERE recipe = $1 "
      "ORDER BY function, idx",
      {id}, [&](const Answer& answer) {
        found->files.push_back({answer.text(0), answer.integer(1), answer.integer(2),
                                answer.integer(3), answer.text(4)});
        return true;
      }));
  return found;
}

base::Result<> write_extras(Connection& connection, const Entry& entry) {
  for (const HookRun& run : entry.hooks) {
    TRY(connection.run(
        "INSERT INTO hook_run(job, on_event, n, exit_code, seconds, message, fields) "
        "VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(job, on_event, n) DO NOTHING",
        {entry.row.opening.id, run.event, run.n, run.exit_code ? Value(*run.exit_code) : Value(),
         run.seconds, text_or_null(run.message), text_or_null(run.fields)}));
  }
  if (!entry.recipe) return {};
  const Recipe& recipe = *entry.recipe;
  TRY(
      connection.run("INSERT INTO recipe(id, target, options, made_ms) VALUES($1, $2, $3, $4) "
                     "ON CONFLICT(id) DO NOTHING",
                     {recipe.id, recipe.target, recipe.options, recipe.made_ms}));
  for (const RecipeFile& file : recipe.files) {
    TRY(connection.run(
        "INSERT INTO recipe_file(recipe, function, idx, version, size, sha256) "
        "VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(recipe, function, idx) DO NOTHING",
        {recipe.id, file.function, file.index, file.version, file.size, file.sha256}));
  }
  return {};
}

base::Error differs(const Entry& entry, std::string_view what) {
  return base::make_error(
      base::Errc::refused, "record-differs",
      fmt::format("job {} of {} is there already, with another {}", entry.row.opening.id,
                  base::printable(entry.row.opening.station), what),
      "nothing was changed there: was the disk of this station cloned, or put back to an older "
      "state? Compare both records before anything is removed");
}

// Whoever counts a device waits for whoever else is counting it.
base::Result<> alone_with_device(Connection& connection, const std::string& device) {
  if (connection.engine() == Engine::sqlite || device.empty()) return {};
  TRY(connection.run("SELECT pg_advisory_xact_lock(hashtext($1))", {device}));
  return {};
}

base::Result<std::optional<std::string>> digest_there(Connection& connection,
                                                      const std::string& id) {
  std::optional<std::string> found;
  TRY(connection.run("SELECT digest FROM job WHERE id = $1", {id}, [&](const Answer& answer) {
    found = answer.text(0);
    return true;
  }));
  return found;
}

}  // namespace

base::Result<Entry> read_entry(Connection& connection, const std::string& id) {
  TRY_ASSIGN(std::optional<Row> row, row_of_id(connection, id));
  if (!row || !row->ending) {
    return base::make_error(base::Errc::refused, "no-such-job",
                            fmt::format("there is no closed record {}", base::printable(id)),
                            "station report lists the jobs");
  }
  Entry entry;
  entry.row = std::move(*row);
  TRY_ASSIGN(entry.report, report_of(connection, id));
  TRY_ASSIGN(entry.hooks, hook_runs_of(connection, id));
  TRY_ASSIGN(entry.recipe, read_recipe(connection, entry.row.opening.recipe));
  return entry;
}

base::Result<Taken> take_in(Connection& connection, const Entry& entry) {
  const Row& row = entry.row;
  if (!row.ending) return bad_line("it is still open");
  if (digest_of(row, entry.report) != row.digest) {
    return bad_line(fmt::format("the digest of job {} is not that of its content",
                                base::printable(row.opening.id)));
  }
  TRY_ASSIGN(Transaction change, Transaction::begin(connection));
  TRY(alone_with_device(connection, row.opening.device));
  TRY_ASSIGN(const std::int64_t marks, marks_of(connection, row));
  TRY_ASSIGN(const std::int64_t added,
             connection.run(insert_job() + " ON CONFLICT DO NOTHING", row_values(row)));
  if (added == 0) {
    TRY_ASSIGN(const auto there, digest_there(connection, row.opening.id));
    if (!there) return differs(entry, "id under its number");
    if (*there != row.digest) return differs(entry, "content");
    TRY(write_extras(connection, entry));
    TRY(change.commit());
    return Taken::known;
  }
  TRY(connection.run("UPDATE job SET marks = $2 WHERE id = $1", {row.opening.id, marks}));
  TRY(count_in(connection, row, marks));
  if (!entry.report.empty()) {
    TRY(connection.run("INSERT INTO job_report(job, body) VALUES($1, $2)",
                       {row.opening.id, entry.report}));
  }
  TRY(write_extras(connection, entry));
  TRY(change.commit());
  return Taken::added;
}

std::string line_of(const Entry& entry) {
  Json hooks = Json::array();
  for (const HookRun& run : entry.hooks) hooks.push_back(hook_run_json(run));
  Json line{
      {"schema", 1},
      {"job", row_json(entry.row)},
      {"report", entry.report.empty() ? Json(nullptr) : Json::parse(entry.report, nullptr, false)},
      {"hooks", std::move(hooks)},
      {"recipe", entry.recipe ? recipe_json(*entry.recipe) : Json(nullptr)}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<Entry> entry_of(std::string_view line) {
  // Ordered: the report's fields keep their order.
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return bad_line("it is no JSON object");
  if (!json.contains("job")) return bad_line("there is no \"job\"");
  Entry entry;
  TRY_ASSIGN(entry.row, row_of(nlohmann::json(json["job"])));
  if (const auto report = json.find("report"); report != json.end() && !report->is_null()) {
    entry.report = report->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  if (const auto hooks = json.find("hooks"); hooks != json.end() && hooks->is_array()) {
    for (const auto& hook : *hooks) {
      TRY_ASSIGN(HookRun run, hook_run_of(nlohmann::json(hook)));
      run.job = entry.row.opening.id;
      entry.hooks.push_back(std::move(run));
    }
  }
  if (const auto recipe = json.find("recipe"); recipe != json.end() && recipe->is_object()) {
    entry.recipe = recipe_of(nlohmann::json(*recipe));
  }
  return entry;
}

base::Result<std::int64_t> export_all(Connection& connection,
                                      const std::function<bool(const std::string& line)>& on_line) {
  // The ids first: while one answer is read, a connection of a server's takes no other question.
  std::vector<std::string> ids;
  const bool lite = connection.engine() == Engine::sqlite;
  TRY(connection.run(fmt::format("SELECT id FROM job WHERE outcome IS NOT NULL ORDER BY {}",
                                 lite ? "seq" : "started_ms, station, station_seq"),
                     {}, [&](const Answer& answer) {
                       ids.push_back(answer.text(0));
                       return true;
                     }));
  std::int64_t lines = 0;
  for (const std::string& id : ids) {
    TRY_ASSIGN(const Entry entry, read_entry(connection, id));
    if (!on_line(line_of(entry))) break;
    ++lines;
  }
  return lines;
}

}  // namespace records
