// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/console_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace serial {
namespace {

using nlohmann::json;

constexpr std::string_view kVersionWords = "system firmware version:";
constexpr std::size_t kLongestVersion = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_version_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '+' || c == '_';
}
bool is_radio_char(char c) { return is_version_char(c) || c == ','; }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

base::Error makes_no_sense(std::string message) {
  return base::make_error(base::Errc::protocol, std::move(message),
                          "try again; another cable or USB port may help");
}

// The version in the answer that begins at `at`, empty unless its line is whole.
std::string_view version_at(std::string_view text, std::size_t at) {
  std::string_view rest = text.substr(at + kVersionWords.size());
  const std::size_t start = rest.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  rest.remove_prefix(start);
  std::size_t length = 0;
  while (length < rest.size() && is_version_char(rest[length])) ++length;
  // The line ends LF CR LF; without its end more of the number may be on its way.
  if (length == rest.size() || length > kLongestVersion) return {};
  if (rest[length] != '\n' && rest[length] != '\r') return {};
  if (length == 0 || !is_digit(rest.front())) return {};
  return rest.substr(0, length);
}

// The rest of `line` after `key`, if every character of it is one that `allowed` takes. Anything
// else is dropped: when a line end was lost, another line's secret may follow.
template <class Allowed>
std::string value_of(std::string_view line, std::string_view key, std::size_t longest,
                     Allowed allowed) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view value = line.substr(at + key.size());
  while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
  if (value.size() > longest || !std::all_of(value.begin(), value.end(), allowed)) return {};
  return std::string(value);
}

void read_line(std::string_view line, Identity& identity) {
  // Since 1.4.4 `i` prints a line that works as a password.
  if (lower(line).find("secret") != std::string::npos) return;
  const auto keep = [](std::string& field, std::string value) {
    if (!value.empty()) field = std::move(value);
  };
  for (const std::string_view key : {"Device ID: ", "Your device id is "}) {
    std::string id = lower(value_of(line, key, 24, is_hex));
    if (id.size() == 24) identity.device_id = std::move(id);
  }
  keep(identity.imei, value_of(line, "IMEI: ", 17, is_digit));
  keep(identity.iccid, value_of(line, "ICCID: ", 22, is_hex));
  keep(identity.radio, value_of(line, "Cell Radio Version: ", 32, is_radio_char));
}

// A whole number that is written as a number or as a string of digits.
template <class Number>
bool read_number(const json& object, const char* key, Number& into) {
  const auto found = object.find(key);
  if (found == object.end()) return false;
  std::uint64_t value = 0;
  if (found->is_number_unsigned()) {
    value = found->get<std::uint64_t>();
  } else if (found->is_string()) {
    const auto& digits = found->get_ref<const std::string&>();
    if (digits.empty() || digits.size() > 10) return false;
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return false;
    for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  } else {
    return false;
  }
  if (value > static_cast<std::uint64_t>(std::numeric_limits<Number>::max())) return false;
  into = static_cast<Number>(value);
  return true;
}

// The string's only character if it is a lower-case letter, else 0.
char read_letter(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return 0;
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() != 1 || text.front() < 'a' || text.front() > 'z') return 0;
  return text.front();
}

template <class Allowed>
std::string read_text(const json& object, const char* key, std::size_t longest, Allowed allowed) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() > longest || !std::all_of(text.begin(), text.end(), allowed)) return {};
  return text;
}

// Function, index and version, as modules and dependencies have them.
template <class Thing>
bool read_what(const json& object, Thing& thing) {
  thing.function = read_letter(object, "f");
  return thing.function != 0 && read_number(object, "n", thing.index) &&
         read_number(object, "v", thing.version);
}

// Up to 2.1.0 every dependency object ends with a dummy `"_":""`, and an object of nothing else is
// no dependency.
std::vector<DescribedDependency> read_dependencies(const json& module) {
  std::vector<DescribedDependency> dependencies;
  const auto list = module.find("d");
  if (list == module.end() || !list->is_array()) return dependencies;
  for (const json& entry : *list) {
    DescribedDependency dependency;
    if (entry.is_object() && read_what(entry, dependency)) dependencies.push_back(dependency);
  }
  return dependencies;
}

std::optional<DescribedModule> read_module(const json& entry) {
  DescribedModule module;
  if (!entry.is_object() || !read_number(entry, "s", module.store_size)) return std::nullopt;
  module.location = read_letter(entry, "l");
  if (module.location == 0 || !read_number(entry, "vc", module.checked) ||
      !read_number(entry, "vv", module.passed)) {
    return std::nullopt;
  }
  // Up to 1.0.1 a store without a module is listed without these three.
  const bool empty = !entry.contains("f") && !entry.contains("n") && !entry.contains("v");
  if (empty) return module;
  if (!read_what(entry, module)) return std::nullopt;
  module.dependencies = read_dependencies(entry);
  const std::string sha256 = lower(read_text(entry, "u", 64, is_hex));
  if (sha256.size() == 64) module.user_sha256 = sha256;
  return module;
}

std::optional<Described> read_description(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  Described described;
  const auto list = object.find("m");
  if (list == object.end() || !list->is_array()) return std::nullopt;
  if (!read_number(object, "p", described.platform)) return std::nullopt;
  described.imei = read_text(object, "imei", 17, is_digit);
  described.iccid = read_text(object, "iccid", 22, is_hex);
  for (const json& entry : *list) {
    if (auto module = read_module(entry)) described.modules.push_back(std::move(*module));
  }
  return described;
}

}  // namespace

std::size_t find_version_answer(std::string_view text) {
  std::size_t at = text.find(kVersionWords);
  while (at != std::string_view::npos && version_at(text, at).empty()) {
    at = text.find(kVersionWords, at + 1);
  }
  return at;
}

std::string_view find_json_object(std::string_view text, std::size_t from) {
  const std::size_t start = text.find('{', from);
  if (start == std::string_view::npos) return {};
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = start; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return text.substr(start, i + 1 - start);
    }
  }
  return {};
}

base::Result<std::string> parse_version(std::string_view text) {
  const std::size_t at = find_version_answer(text);
  if (at == std::string_view::npos) {
    return makes_no_sense("the device's answer has no firmware version in it");
  }
  return std::string(version_at(text, at));
}

base::Result<Identity> parse_identity(std::string_view text) {
  Identity identity;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    // A line whose end has not come may be cut short.
    if (end == std::string_view::npos) break;
    read_line(text.substr(0, end), identity);
    text.remove_prefix(end + 1);
  }
  if (identity.device_id.empty()) {
    return makes_no_sense("the device's answer has no device id in it");
  }
  return identity;
}

base::Result<Described> parse_modules(std::string_view text) {
  // Junk before the answer may contain braces too; the limit keeps hostile text cheap.
  constexpr int kMostStarts = 64;
  std::size_t from = 0;
  for (int i = 0; i < kMostStarts; ++i) {
    const std::size_t start = text.find('{', from);
    if (start == std::string_view::npos) break;
    if (auto described = read_description(find_json_object(text, start))) return *described;
    from = start + 1;
  }
  return makes_no_sense("the device's description of its modules is damaged");
}

std::optional<bool> parse_claimed(std::string_view text) {
  constexpr std::string_view kWords = "Device claimed: ";
  const std::size_t at = text.find(kWords);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + kWords.size());
  if (rest.starts_with("yes\r")) return true;
  if (rest.starts_with("no\r")) return false;
  return std::nullopt;
}

}  // namespace serial
