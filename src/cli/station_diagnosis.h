// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What stands in the way of a station on this computer.

#include "report/documents/doctor.h"
#include "station/config.h"

#include <string>
#include <vector>

namespace cli {

struct SlotFinding {
  std::string slot;
  std::string code;  // kebab-case
  std::string text;
  bool bad = false;  // the slot cannot be served
};
// What of the slots' ports is amiss. `folder`: where the system tells of its USB devices.
std::vector<SlotFinding> look_at_slots(const station::Config& config, const std::string& folder);

// Configuration, files, slots, records, disk, clock, hooks, and whether the port of its page is
// free and server and broker answer. `config`: as --config names it;
// `cache`: the user's cache of firmware.
std::vector<report::Finding> look_at_station(const std::string& config, const std::string& cache);

}  // namespace cli
