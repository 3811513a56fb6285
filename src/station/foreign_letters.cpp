// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/foreign_letters.h"

#include <algorithm>

namespace station {
namespace {

constexpr std::string_view kBeforeStrings = "\n=,[{.";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Behind the string that begins at `at`: TOML's four kinds. One that does not end within its bounds
// is an error to whoever reads on.
std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool escapes = quote == '"';
  const bool long_one = text.size() - at >= 3 && text[at + 1] == quote && text[at + 2] == quote;
  std::size_t i = at + (long_one ? 3 : 1);
  for (; i < text.size(); ++i) {
    if (escapes && text[i] == '\\') {
      ++i;
    } else if (!long_one && (text[i] == quote || text[i] == '\n')) {
      return i + 1;
    } else if (long_one && text[i] == quote && text.size() - i >= 3 && text[i + 1] == quote &&
               text[i + 2] == quote) {
      return i + 3;
    }
  }
  return text.size();
}

// A string can begin there: what stands before it, spaces aside, ends a key, a value or a line.
bool begins_string(std::string_view text, std::size_t at) {
  const std::size_t before = text.substr(0, at).find_last_not_of(" \t");
  return before == std::string_view::npos ||
         kBeforeStrings.find(text[before]) != std::string_view::npos ||
         static_cast<unsigned char>(text[before]) >= 0x80;  // the byte order mark
}

}  // namespace

std::optional<std::size_t> foreign_letter(std::string_view toml) {
  std::size_t at = toml.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < toml.size()) {
    const char c = toml[at];
    if (c == '#') {
      at = std::min(toml.find('\n', at), toml.size());
    } else if ((c == '"' || c == '\'') && begins_string(toml, at)) {
      at = behind_string(toml, at);
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return at;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace station
