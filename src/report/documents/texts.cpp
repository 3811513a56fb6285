// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/texts.h"

#include "base/bytes.h"
#include "report/document.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

nlohmann::ordered_json with(const char* field, const std::string& text) {
  auto json = document();
  json[field] = text;
  return json;
}

}  // namespace

nlohmann::ordered_json help_document(const std::string& text) { return with("help", text); }
nlohmann::ordered_json version_document(const std::string& text) { return with("version", text); }
nlohmann::ordered_json script_document(const std::string& text) { return with("script", text); }
nlohmann::ordered_json rule_document(const std::string& text) { return with("rule", text); }

std::string installed_text(const std::string& path) {
  return fmt::format("installed {}\nDevices that are plugged in may be used at once.\n",
                     base::printable(path));
}

nlohmann::ordered_json installed_document(const std::string& path) {
  return with("installed", path);
}

}  // namespace report
