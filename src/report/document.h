// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The one JSON document that --json prints. Every document has "schema" and "ok", and "error" on
// failure. Fields keep the order in which they were put in.

#include "base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace report {

// {"schema": 1, "ok": true}
nlohmann::ordered_json document();
// {"code", "message", "hint"}
nlohmann::ordered_json error_object(const base::Error& error);
// Sets "ok" to false and adds "error".
void add_error(nlohmann::ordered_json& document, const base::Error& error);
// {"schema": 1, "ok": false, "error": {…}}
nlohmann::ordered_json failure(const base::Error& error);
// The text of a document, with the final line end. Bytes that are not UTF-8 are replaced.
std::string to_text(const nlohmann::ordered_json& document);

}  // namespace report
