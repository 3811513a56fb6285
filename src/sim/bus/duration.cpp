// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/duration.h"

#include <fmt/format.h>

#include <cmath>

namespace sim {

// By hand: not every standard library reads floating point without the locale.
std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  double unit = 1;
  bool point = false;
  bool digits = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    digits = true;
    value = value * 10 + (c - '0');
    if (point) unit *= 10;
  }
  if (!digits || !std::isfinite(value)) return std::nullopt;
  return value / unit;
}

std::optional<base::Micros> parse_duration(std::string_view text) {
  constexpr double kMost = 1e12;
  const auto unit_at = text.find_first_not_of("0123456789.");
  if (unit_at == std::string_view::npos) return std::nullopt;
  const std::string_view unit = text.substr(unit_at);
  const double scale = unit == "s" ? 1e6 : unit == "ms" ? 1e3 : unit == "us" ? 1 : 0;
  const auto number = parse_decimal(text.substr(0, unit_at));
  if (!number || scale == 0 || *number * scale > kMost) return std::nullopt;
  return base::Micros(std::llround(*number * scale));
}

std::string duration_text(base::Micros duration) {
  const auto count = duration.count();
  if (count % 1'000'000 == 0) return fmt::format("{}s", count / 1'000'000);
  if (count % 1000 == 0) return fmt::format("{}ms", count / 1000);
  return fmt::format("{}us", count);
}

}  // namespace sim
