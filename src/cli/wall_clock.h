// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace cli {

// The time of day in UTC, for file names ("20261123T081500Z") and for people ("2026-11-23 08:15:00
// UTC"), for a log's lines ("2026-11-23T08:15:00.123Z").
std::string utc_for_names();
std::string utc_for_people();
std::string utc_for_logs();

}  // namespace cli
