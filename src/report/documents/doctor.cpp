// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/doctor.h"

#include "report/document.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

std::string remedy(const Finding& finding) {
  if (finding.command.empty()) return finding.advice;
  return finding.advice.empty() ? finding.command : finding.command + "; " + finding.advice;
}

}  // namespace

const Finding* worst_of(const std::vector<Finding>& findings) {
  const Finding* worst = nullptr;
  for (const Finding& finding : findings) {
    if (finding.good) continue;
    if (worst == nullptr || (finding.exit == kNoPermission && worst->exit != kNoPermission)) {
      worst = &finding;
    }
  }
  return worst;
}

std::string doctor_text(const std::vector<Finding>& findings, const Style& style) {
  constexpr std::size_t kWidth = 70;
  constexpr std::size_t kIndent = 9;
  constexpr std::size_t kRemedyIndent = 18;
  std::string text;
  for (const Finding& finding : findings) {
    const std::string mark =
        finding.good ? paint(style, Tone::good, "ok     ") : paint(style, Tone::bad, "problem");
    text += fmt::format("{}  {}\n", mark, wrap(finding.message, kWidth, kIndent));
    if (finding.good) continue;
    // A command is not broken into lines: it is copied.
    const bool command = !finding.command.empty();
    if (command) text += fmt::format("         mend it: {}\n", finding.command);
    if (!finding.advice.empty()) {
      text += fmt::format("         {} {}\n", command ? "        " : "mend it:",
                          wrap(finding.advice, kWidth, kRemedyIndent));
    }
  }
  return text;
}

nlohmann::ordered_json doctor_document(const std::vector<Finding>& findings) {
  auto json = document();
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    json["findings"].push_back({{"code", finding.code},
                                {"ok", finding.good},
                                {"message", finding.message},
                                {"command", finding.command},
                                {"advice", finding.advice}});
  }
  if (const Finding* worst = worst_of(findings)) {
    add_error(json, {base::Errc::unsupported, worst->code, worst->message, remedy(*worst)});
  }
  return json;
}

}  // namespace report
