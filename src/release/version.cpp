// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/version.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace release {
namespace {

constexpr std::string_view kCustom = "custom-";
constexpr std::size_t kLongest = 64;

bool digits_only(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  if (!digits_only(text)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

bool identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

// Semantic Versioning 2.0.0, item 11: numeric identifiers by value and before others, which compare
// as text.
std::weak_ordering compare_identifiers(const std::string& a, const std::string& b) {
  const std::optional<unsigned> left = number(a);
  const std::optional<unsigned> right = number(b);
  if (left && right) return *left <=> *right;
  if (left.has_value() != right.has_value()) {
    return left ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  return a.compare(b) <=> 0;
}

}  // namespace

bool Version::parse(std::string_view text, Version& into) {
  if (text.size() > kLongest) return false;
  if (text.starts_with(kCustom)) {
    const std::optional<unsigned> module_version = number(text.substr(kCustom.size()));
    if (!module_version || *module_version > 0xFFFF) return false;
    into = custom(static_cast<std::uint16_t>(*module_version));
    return true;
  }
  if (text.starts_with('v')) text.remove_prefix(1);
  Version version;
  version.text_ = std::string(text);
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    for (const std::string_view part : split(text.substr(plus + 1))) {
      if (!identifier(part)) return false;
    }
    text = text.substr(0, plus);
  }
  const std::size_t dash = text.find('-');
  for (const std::string_view part : split(text.substr(0, dash))) {
    const std::optional<unsigned> value = number(part);
    if (!value) return false;
    version.numbers_.push_back(*value);
  }
  if (version.numbers_.size() > 4) return false;
  if (dash != std::string_view::npos) {
    for (const std::string_view part : split(text.substr(dash + 1))) {
      if (!identifier(part)) return false;
      version.prerelease_.emplace_back(part);
    }
  }
  into = std::move(version);
  return true;
}

Version Version::custom(std::uint16_t module_version) {
  Version version;
  version.text_ = std::string(kCustom) + std::to_string(module_version);
  version.prerelease_ = {"custom", std::to_string(module_version)};
  return version;
}

std::weak_ordering Version::operator<=>(const Version& other) const {
  if (is_custom() != other.is_custom()) {
    return is_custom() ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  // A part of a name ("2.3") is not the whole ("2.3.0").
  if (numbers_ != other.numbers_) {
    return numbers_ < other.numbers_ ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  if (prerelease_.empty() != other.prerelease_.empty()) {
    return prerelease_.empty() ? std::weak_ordering::greater : std::weak_ordering::less;
  }
  for (std::size_t i = 0; i < std::min(prerelease_.size(), other.prerelease_.size()); ++i) {
    const std::weak_ordering order = compare_identifiers(prerelease_[i], other.prerelease_[i]);
    if (order != 0) return order;
  }
  return prerelease_.size() <=> other.prerelease_.size();
}

}  // namespace release
