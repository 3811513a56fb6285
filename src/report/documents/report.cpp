// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/report.h"

#include "base/bytes.h"
#include "base/files.h"
#include "report/document.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

// The maintainers read reports of bugs there.
constexpr const char* kSendTo =
    "attach it to a bug report of electron-rescue, where you got the program from; read it first: "
    "it "
    "names your devices";

std::string exit_text(const std::optional<int>& exit) {
  return exit ? fmt::format("exit {}", *exit) : std::string("cut off");
}

}  // namespace

std::string bug_report_file(const BugReport& report) {
  std::string text =
      fmt::format("Bug report of electron-rescue, made {}\n\n== versions\n{}\n\n== computer\n{}",
                  report.made_at, report.versions, report.computer);
  const char* what = "the last run";
  for (const PackedLog& log : report.logs) {
    text += fmt::format("\n== {}: {} ({})\n{}", what, base::file_name(log.path),
                        exit_text(log.exit), log.content);
    what = "the last run that failed";
  }
  return text;
}

std::string bug_report_text(const BugReport& report) {
  return fmt::format("wrote {}: versions, and the log of the last run{}\n{}\n",
                     base::printable(report.file),
                     report.logs.size() > 1 ? " and of the last one that failed" : "", kSendTo);
}

nlohmann::ordered_json bug_report_document(const BugReport& report) {
  auto json = document();
  json["file"] = report.file;
  json["log"] = report.logs.empty() ? std::string() : report.logs.front().path;
  json["logs"] = nlohmann::ordered_json::array();
  for (const PackedLog& log : report.logs) {
    json["logs"].push_back(
        {{"path", log.path},
         {"exit", log.exit ? nlohmann::ordered_json(*log.exit) : nlohmann::ordered_json(nullptr)}});
  }
  return json;
}

}  // namespace report
