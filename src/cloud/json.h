// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Reading what a cloud sends: any member may be missing or of another kind, and nothing throws.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cloud {

using Json = nlohmann::json;

// Discarded (is_discarded()) where it is no JSON.
Json parse_json(std::string_view text);

// Empty, or none, where there is no such member or it is of another kind. Text is made printable.
std::string text_of(const Json& object, const char* member);
std::optional<bool> flag_of(const Json& object, const char* member);
std::optional<std::int64_t> number_of(const Json& object, const char* member);

// The first text that explains an error: the members error_description, error, info, message,
// errors, in objects and arrays. Printable, no longer than a line or two; empty if there is none.
std::string explanation_in(const Json& value);

}  // namespace cloud
