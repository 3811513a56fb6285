// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The documents of commands whose result is one text: {"schema", "ok", FIELD: text}.

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace report {

nlohmann::ordered_json help_document(const std::string& text);     // help
nlohmann::ordered_json version_document(const std::string& text);  // version
nlohmann::ordered_json script_document(const std::string& text);   // completion: script
nlohmann::ordered_json rule_document(const std::string& text);     // udev print: rule

// udev install: where the rule is now.
std::string installed_text(const std::string& path);
nlohmann::ordered_json installed_document(const std::string& path);

}  // namespace report
