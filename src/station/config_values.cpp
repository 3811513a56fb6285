// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/config.h"

#include <array>
#include <charconv>
#include <utility>

namespace station {
namespace {

// A whole number of at most 12 digits, and what follows it.
std::optional<std::pair<std::uint64_t, std::string_view>> number_and_unit(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest == text.data() || number > 999'999'999'999) return std::nullopt;
  return std::pair(number, std::string_view(rest, static_cast<std::size_t>(end - rest)));
}

}  // namespace

std::optional<base::Micros> parse_time(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"ms", 1'000},
       {"s", 1'000'000},
       {"m", 60'000'000},
       {"h", 3'600'000'000},
       {"d", 86'400'000'000}}};
  const auto parts = number_and_unit(text);
  if (!parts || parts->first > 100'000) return std::nullopt;
  for (const auto& [unit, micros] : kUnits) {
    if (parts->second == unit)
      return base::Micros(static_cast<std::int64_t>(parts->first) * micros);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kUnits{
      {{"", 1}, {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}}};
  const auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  for (const auto& [unit, bytes] : kUnits) {
    if (parts->second == unit && parts->first <= 1'000'000'000'000 / bytes)
      return parts->first * bytes;
  }
  return std::nullopt;
}

std::string_view name(HookConfig::On on) {
  switch (on) {
    case HookConfig::On::before:
      return "before";
    case HookConfig::On::result:
      return "result";
    case HookConfig::On::stop:
      return "stop";
  }
  return "";
}

}  // namespace station
