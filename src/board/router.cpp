// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/router.h"

#include "base/bytes.h"
#include "records/query.h"
#include "records/row_json.h"
#include "report/document.h"
#include "report/documents/records.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <string_view>

namespace board {

// Made of the files in page/ (cmake/embed.cmake).
std::string_view page_html();
std::string_view board_css();
std::string_view board_js();
std::string_view lead_js();
std::string_view job_js();
std::string_view sound_js();
std::string_view state_js();
std::string_view worker_js();

namespace {

using Json = nlohmann::ordered_json;

// Rows that one answer holds at most: all of them are for `station report --csv`, which keeps no
// browser waiting.
constexpr std::size_t kMostJobs = 500;
constexpr std::size_t kMostCsv = 10'000;

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kScript = "text/javascript; charset=utf-8";

struct File {
  std::string_view path;
  const char* type;
  std::string_view (*content)();
};
constexpr std::array kFiles{File{"/", kHtml, page_html},
                            File{"/lead", kHtml, page_html},
                            File{"/board.css", "text/css; charset=utf-8", board_css},
                            File{"/board.js", kScript, board_js},
                            File{"/lead.js", kScript, lead_js},
                            File{"/job.js", kScript, job_js},
                            File{"/sound.js", kScript, sound_js},
                            File{"/state.js", kScript, state_js},
                            File{"/worker.js", kScript, worker_js}};

Response json_response(const Json& json) {
  Response response;
  response.body = report::to_text(json);
  return response;
}

Response failure_of(const base::Error& error) {
  return failure(503, error.id, error.message,
                 error.hint.empty() ? "look at the station's own output" : error.hint);
}

Response not_found() {
  return failure(404, "not-found", "there is nothing of that name here", "the page is at /");
}

// "/job/", then one part without a slash.
std::optional<std::string> part_behind(const std::string& path, std::string_view begin) {
  if (!path.starts_with(begin)) return std::nullopt;
  std::string part = path.substr(begin.size());
  constexpr std::size_t kMost = 128;
  if (part.empty() || part.size() > kMost || part.find('/') != std::string::npos) {
    return std::nullopt;
  }
  return part;
}

std::optional<std::int64_t> number_in(const Request& request, const char* name) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return std::nullopt;
  std::int64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// since and until in milliseconds since 1970; slot, device, outcome.
records::Filter filter_of(const Request& request) {
  records::Filter filter;
  filter.since_ms = number_in(request, "since");
  filter.until_ms = number_in(request, "until");
  const auto text = [&](const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  filter.slot = text("slot");
  filter.station = text("station");
  filter.device = text("device");
  filter.outcome = text("outcome");
  return filter;
}

void add_headers(Response& response) {
  auto& headers = response.headers;
  headers.emplace_back("Content-Security-Policy",
                       "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
                       "form-action 'none'");
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("X-Frame-Options", "DENY");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cache-Control", "no-store");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

base::Result<std::unique_ptr<records::Connection>> opened(const OpenRecords& open) {
  if (open) return open();
  return base::make_error(base::Errc::unsupported, "no-records", "this board has no records",
                          "name them with --db");
}

}  // namespace

Response failure(int status, const std::string& code, const std::string& message,
                 const std::string& hint) {
  Response response =
      json_response(report::failure(base::make_error(base::Errc::usage, code, message, hint)));
  response.status = status;
  return response;
}

Response told(const std::string& problem) {
  if (problem.empty()) return json_response(report::document());
  return failure(409, "not-done", base::printable(problem), "the page shows how it is now");
}

Response Router::answer(const Request& request) const {
  auto refused = refusal(rules_, request);
  Response response = refused                    ? std::move(*refused)
                      : request.method == "POST" ? post(request)
                                                 : get(request);
  add_headers(response);
  return response;
}

Response Router::get(const Request& request) const {
  for (const File& file : kFiles) {
    if (file.path != request.path) continue;
    Response response;
    response.type = file.type;
    response.body = file.content();
    return response;
  }
  if (part_behind(request.path, "/job/")) {
    Response response;
    response.type = kHtml;
    response.body = page_html();
    return response;
  }
  if (request.path == "/events") {
    Response response;
    response.type = "text/event-stream; charset=utf-8";
    response.is_stream = true;
    return response;
  }
  return api(request);
}

Response Router::api(const Request& request) const {
  if (request.path == "/api/state") return json_response(feed_.state());
  if (request.path == "/api/jobs") return jobs(request);
  if (request.path == "/api/summary") return summary(request);
  if (request.path == "/api/export.csv") return csv(request);
  if (const auto id = part_behind(request.path, "/api/jobs/")) return job(*id);
  return not_found();
}

Response Router::post(const Request& request) {
  using What = station::Command::What;
  Response response;
  const auto command = [&](What what, const std::string& subject) {
    response.command = station::Command{what, subject, "board"};
    return response;
  };
  const std::string& path = request.path;
  if (path == "/api/unlock") return command(What::unlock, {});
  if (path == "/api/reload") return command(What::reload, {});
  if (path == "/api/drain") return command(What::drain, {});
  if (const auto device = part_behind(path, "/api/release/"))
    return command(What::release, *device);
  if (const auto device = part_behind(path, "/api/hold/")) return command(What::hold, *device);
  constexpr std::string_view kSlots = "/api/slots/";
  const std::size_t slash = path.rfind('/');
  if (!path.starts_with(kSlots) || slash < kSlots.size()) return not_found();
  const std::string slot = path.substr(kSlots.size(), slash - kSlots.size());
  const std::string word = path.substr(slash + 1);
  if (slot.empty() || slot.find('/') != std::string::npos) return not_found();
  if (word == "again") return command(What::again, slot);
  if (word == "off") return command(What::slot_off, slot);
  if (word == "on") return command(What::slot_on, slot);
  return not_found();
}

Response Router::jobs(const Request& request) const {
  const auto connection = opened(open_records_);
  if (!connection) return failure_of(connection.error());
  const auto asked = number_in(request, "most");
  const std::size_t most =
      asked ? std::min(static_cast<std::size_t>(*asked), kMostJobs) : kMostJobs;
  std::vector<records::Row> rows;
  const auto done =
      records::each_row(**connection, filter_of(request), most, [&](const records::Row& row) {
        rows.push_back(row);
        return true;
      });
  if (!done) return failure_of(done.error());
  return json_response(report::rows_document(rows, nullptr));
}

Response Router::job(const std::string& id) const {
  const auto connection = opened(open_records_);
  if (!connection) return failure_of(connection.error());
  const auto row = records::row_of_id(**connection, id);
  if (!row) return failure_of(row.error());
  if (!*row) return not_found();
  const auto body = records::report_of(**connection, id);
  if (!body) return failure_of(body.error());
  const auto hooks = records::hook_runs_of(**connection, id);
  if (!hooks) return failure_of(hooks.error());
  Json json = report::document();
  json["job"] = records::row_json(**row);
  json["report"] = body->empty() ? Json(nullptr) : Json::parse(*body, nullptr, false);
  json["hooks"] = Json::array();
  for (const records::HookRun& run : *hooks) json["hooks"].push_back(records::hook_run_json(run));
  return json_response(json);
}

Response Router::summary(const Request& request) const {
  const auto connection = opened(open_records_);
  if (!connection) return failure_of(connection.error());
  const auto sums = records::summary(**connection, filter_of(request));
  if (!sums) return failure_of(sums.error());
  return json_response(report::summary_document(*sums));
}

Response Router::csv(const Request& request) const {
  const auto connection = opened(open_records_);
  if (!connection) return failure_of(connection.error());
  Response response;
  response.type = "text/csv; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"jobs.csv\"");
  response.body = report::csv_head();
  std::size_t rows = 0;
  const auto done =
      records::each_row(**connection, filter_of(request), kMostCsv, [&](const records::Row& row) {
        response.body += report::csv_line(row);
        ++rows;
        return true;
      });
  if (!done) return failure_of(done.error());
  response.headers.emplace_back("X-More", rows == kMostCsv ? "maybe" : "no");
  return response;
}

}  // namespace board
