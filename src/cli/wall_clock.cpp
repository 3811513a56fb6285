// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/wall_clock.h"

#include <fmt/chrono.h>

#include <chrono>

namespace cli {
namespace {

using std::chrono::system_clock;

std::tm broken_down(system_clock::time_point moment) {
  return fmt::gmtime(system_clock::to_time_t(moment));
}

std::tm now() { return broken_down(system_clock::now()); }

}  // namespace

std::string utc_for_names() { return fmt::format("{:%Y%m%dT%H%M%SZ}", now()); }
std::string utc_for_people() { return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", now()); }

std::string utc_for_logs() {
  const auto moment = std::chrono::floor<std::chrono::milliseconds>(system_clock::now());
  const auto second = std::chrono::floor<std::chrono::seconds>(moment);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", broken_down(second), (moment - second).count());
}

}  // namespace cli
