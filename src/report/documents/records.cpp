// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/records.h"

#include "base/bytes.h"
#include "base/json_values.h"
#include "records/row_json.h"
#include "report/document.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Tone tone_of(records::Outcome outcome) {
  switch (outcome) {
    case records::Outcome::pass:
      return Tone::good;
    case records::Outcome::fail:
      return Tone::bad;
    default:
      return Tone::warning;
  }
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string code_of(const records::Row& row, const Held& held) {
  if (held.contains(row.opening.id)) return "hook";
  return row.ending ? or_dash(row.ending->code) : "-";
}

std::string percent(std::optional<double> share) {
  return share ? fmt::format("{:.1f} %", *share * 100) : "-";
}

std::string seconds(std::optional<double> value) {
  return value ? fmt::format("{:.1f} s", *value) : "-";
}

std::string place(const records::SlotKey& key) {
  return fmt::format("{}/{}", or_dash(key.station), or_dash(key.slot));
}

Json sums_json(const records::Sums& sums) {
  return {{"jobs", sums.jobs()},
          {"pass", sums.pass},
          {"fail", sums.fail},
          {"aborted", sums.aborted},
          {"lost", sums.lost},
          {"units", sums.units},
          {"units_passed", sums.units_passed},
          {"units_passed_first", sums.first_pass},
          {"yield", base::or_null(sums.yield())},
          {"first_pass_yield", base::or_null(sums.first_pass_yield())},
          {"seconds", sums.seconds},
          {"seconds_per_unit", base::or_null(sums.seconds_per_unit())}};
}

std::vector<std::string> quiet(std::vector<std::string> heads, const Style& style) {
  for (std::string& head : heads) head = paint(style, Tone::quiet, head);
  return heads;
}

std::string fails_text(const records::Summary& summary, const Style& style) {
  if (summary.fails.empty()) return {};
  std::vector<std::vector<std::string>> rows{quiet({"FAILED", "JOBS", "WHERE"}, style)};
  for (const auto& [code, slots] : summary.fails) {
    std::int64_t all = 0;
    std::string where;
    for (const auto& [slot, n] : slots) {
      all += n;
      where += fmt::format("{}{} {}", where.empty() ? "" : ", ", place(slot), n);
    }
    rows.push_back({or_dash(code), fmt::format("{}", all), where});
  }
  return "\n" + table(rows, 0);
}

}  // namespace

std::string utc_text(std::int64_t at_ms) {
  // Outside of these years the formatter has nothing to say.
  constexpr std::int64_t kMost = 253'402'300'799'000;  // end of the year 9999
  if (at_ms < 0 || at_ms > kMost) return "-";
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(at_ms / 1000)));
}

std::string rows_text(const std::vector<records::Row>& rows, const Held& held, bool more,
                      const Style& style) {
  if (rows.empty()) return "no jobs\n";
  std::vector<std::vector<std::string>> lines{quiet(
      {"STARTED (UTC)", "WHERE", "DEVICE", "OUTCOME", "CODE", "TIME", "NOW", "ORDER"}, style)};
  for (const records::Row& row : rows) {
    const auto& ending = row.ending;
    const std::string outcome =
        ending ? paint(style, tone_of(ending->outcome), records::name(ending->outcome)) : "open";
    const std::string kind = row.opening.kind == records::Kind::work
                                 ? std::string()
                                 : fmt::format(" ({})", records::name(row.opening.kind));
    lines.push_back({utc_text(row.opening.started_ms),
                     place({row.opening.station, row.opening.slot}), or_dash(row.opening.device),
                     outcome + kind, code_of(row, held), ending ? seconds(ending->seconds) : "-",
                     ending ? or_dash(ending->after_release) : "-", or_dash(row.opening.order_no)});
  }
  std::string text = table(lines, 0);
  for (const records::Row& row : rows) {
    const auto why = held.find(row.opening.id);
    if (why == held.end()) continue;
    text += fmt::format("{} {} passed and is held: {}\n",
                        place({row.opening.station, row.opening.slot}), or_dash(row.opening.device),
                        base::printable(why->second));
  }
  if (more) text += "and older ones: --most N shows more, --csv all, --since and others fewer\n";
  return text;
}

Json rows_document(const std::vector<records::Row>& rows, const Held* held) {
  Json json = document();
  json["jobs"] = Json::array();
  for (const records::Row& row : rows) json["jobs"].push_back(records::row_json(row));
  if (held == nullptr) return json;
  json["held"] = Json::array();
  for (const auto& [job, why] : *held) json["held"].push_back({{"job", job}, {"message", why}});
  return json;
}

std::string csv_head() {
  std::string line;
  const Json columns = records::row_json({});
  for (const auto& column : columns.items()) {
    line += (line.empty() ? "" : ",") + column.key();
  }
  return line + "\r\n";
}

std::string csv_line(const records::Row& row) {
  constexpr std::string_view kFormula = "=+-@";
  std::string line;
  bool first = true;
  const Json columns = records::row_json(row);
  for (const auto& column : columns.items()) {
    if (!first) line += ',';
    first = false;
    const auto& value = column.value();
    if (value.is_null()) continue;
    if (!value.is_string()) {
      line += value.dump();
      continue;
    }
    std::string text = value.get<std::string>();
    if (!text.empty() && kFormula.find(text.front()) != std::string_view::npos) {
      text.insert(text.begin(), '\'');
    }
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
      line += text;
      continue;
    }
    line += '"';
    for (const char c : text) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line + "\r\n";
}

std::string summary_text(const records::Summary& summary, const Style& style) {
  const records::Sums& all = summary.all;
  std::string text =
      table({{"jobs", fmt::format("{}: {} passed, {} failed, {} aborted, {} lost", all.jobs(),
                                  all.pass, all.fail, all.aborted, all.lost)},
             {"open now", fmt::format("{}", summary.open)},
             {"units", fmt::format("{}, {} passed, {} of them at the first time", all.units,
                                   all.units_passed, all.first_pass)},
             {"yield", percent(all.yield())},
             {"first-pass yield", percent(all.first_pass_yield())},
             {"time per good unit", seconds(all.seconds_per_unit())},
             {"golden units",
              fmt::format("{} passed, {} failed", summary.golden_pass, summary.golden_fail)}},
            0);
  if (!summary.by_slot.empty()) {
    std::vector<std::vector<std::string>> rows{
        quiet({"SLOT", "PASS", "FAIL", "ABORTED", "LOST", "YIELD", "FIRST PASS"}, style)};
    for (const auto& [slot, sums] : summary.by_slot) {
      rows.push_back({place(slot), fmt::format("{}", sums.pass), fmt::format("{}", sums.fail),
                      fmt::format("{}", sums.aborted), fmt::format("{}", sums.lost),
                      percent(sums.yield()), percent(sums.first_pass_yield())});
    }
    text += "\n" + table(rows, 0);
  }
  return text + fails_text(summary, style);
}

Json summary_document(const records::Summary& summary) {
  Json json = document();
  Json sums = sums_json(summary.all);
  sums["open"] = summary.open;
  sums["golden_pass"] = summary.golden_pass;
  sums["golden_fail"] = summary.golden_fail;
  sums["slots"] = Json::array();
  for (const auto& [slot, one] : summary.by_slot) {
    Json entry{{"station", slot.station}, {"slot", slot.slot}};
    entry.update(sums_json(one));
    sums["slots"].push_back(std::move(entry));
  }
  sums["fails"] = Json::array();
  for (const auto& [code, slots] : summary.fails) {
    for (const auto& [slot, n] : slots) {
      sums["fails"].push_back(
          Json{{"code", code}, {"station", slot.station}, {"slot", slot.slot}, {"jobs", n}});
    }
  }
  json["summary"] = std::move(sums);
  return json;
}

std::string duplicates_text(const std::vector<records::Duplicate>& duplicates) {
  if (duplicates.empty()) return "no device was worked on twice\n";
  std::vector<std::vector<std::string>> rows{{"DEVICE", "WHY"}};
  for (const records::Duplicate& one : duplicates) {
    std::string why = "worked on in " + one.detail;
    if (one.reason == "passed-again") why = fmt::format("passed {} times", one.detail);
    if (one.reason == "imei") why = fmt::format("its IMEI {} is another device's, too", one.detail);
    rows.push_back({one.device, why});
  }
  return table(rows, 0);
}

Json duplicates_document(const std::vector<records::Duplicate>& duplicates) {
  Json json = document();
  json["duplicates"] = Json::array();
  for (const records::Duplicate& one : duplicates) {
    json["duplicates"].push_back(Json{{"device", one.device},
                                      {"reason", one.reason},
                                      {"detail", one.detail},
                                      {"jobs", one.jobs}});
  }
  return json;
}

std::string check_text(const records::CheckResult& result) {
  std::string text =
      fmt::format("{} jobs, {} open, {} waiting to be forwarded: {}\n", result.jobs, result.open,
                  result.waiting, result.problems.empty() ? "all is well" : "NOT WELL");
  for (const std::string& problem : result.problems) text += "  " + problem + "\n";
  return text;
}

Json check_document(const records::CheckResult& result) {
  Json json = document();
  json["jobs"] = result.jobs;
  json["open"] = result.open;
  json["waiting"] = result.waiting;
  json["problems"] = result.problems;
  return json;
}

}  // namespace report
