// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/document.h"

#include <nlohmann/json.hpp>

namespace report {

using Json = nlohmann::ordered_json;

Json document() { return Json{{"schema", 1}, {"ok", true}}; }

Json error_object(const base::Error& error) {
  return Json{{"code", error.id}, {"message", error.message}, {"hint", error.hint}};
}

void add_error(Json& document, const base::Error& error) {
  document["ok"] = false;
  document["error"] = error_object(error);
}

Json failure(const base::Error& error) {
  Json result = document();
  add_error(result, error);
  return result;
}

std::string to_text(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace report
