// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Times and shares as people write them in commands and fault scripts.

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace sim {

// "300us", "150ms", "3s", "1.5s", up to eleven days; none: no such thing.
std::optional<base::Micros> parse_duration(std::string_view text);
// In the largest unit without a fraction: "3s", "1500ms", "300us".
std::string duration_text(base::Micros duration);

// Digits with at most one point: "0.4", "12".
std::optional<double> parse_decimal(std::string_view text);

}  // namespace sim
