// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/json.h"

#include "base/bytes.h"

#include <array>

namespace cloud {
namespace {

constexpr std::size_t kLongestText = 300;
constexpr int kDeepest = 6;

std::string cut(const std::string& text) {
  const std::string shown = base::printable(text);
  if (shown.size() <= kLongestText) return shown;
  // Not in the middle of a character.
  return base::printable(shown.substr(0, kLongestText)) + "...";
}

std::string find_text(const Json& value, int depth) {
  if (depth > kDeepest) return {};
  if (value.is_string()) return cut(value.get_ref<const std::string&>());
  if (value.is_array()) {
    for (const Json& item : value) {
      if (std::string text = find_text(item, depth + 1); !text.empty()) return text;
    }
  }
  if (value.is_object()) {
    for (const char* member :
         {"error_description", "error", "info", "message", "errors", "status"}) {
      const auto found = value.find(member);
      if (found == value.end()) continue;
      if (std::string text = find_text(*found, depth + 1); !text.empty()) return text;
    }
  }
  return {};
}

const Json* member_of(const Json& object, const char* member) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(member);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

Json parse_json(std::string_view text) { return Json::parse(text, nullptr, false); }

std::string text_of(const Json& object, const char* member) {
  const Json* value = member_of(object, member);
  return value != nullptr && value->is_string() ? cut(value->get_ref<const std::string&>())
                                                : std::string();
}

std::optional<bool> flag_of(const Json& object, const char* member) {
  const Json* value = member_of(object, member);
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

std::optional<std::int64_t> number_of(const Json& object, const char* member) {
  const Json* value = member_of(object, member);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return value->get<std::int64_t>();
}

std::string explanation_in(const Json& value) { return find_text(value, 0); }

}  // namespace cloud
