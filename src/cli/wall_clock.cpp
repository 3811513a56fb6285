// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/wall_clock.h"

#include <fmt/chrono.h>

#include <chrono>

namespace cli {
namespace {

std::tm now() {
  return fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

}  // namespace

std::string utc_for_names() { return fmt::format("{:%Y%m%dT%H%M%SZ}", now()); }
std::string utc_for_people() { return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", now()); }

}  // namespace cli
