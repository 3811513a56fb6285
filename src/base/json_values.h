// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What may be missing, as a value of a JSON document. For sources that make one; the room itself
// links no JSON.

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace base {

// Empty: null.
inline nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

template <class Value>
nlohmann::ordered_json or_null(const std::optional<Value>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace base
