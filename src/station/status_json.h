// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The status as JSON: for the board's page, for MQTT and for the lines of --json alike. Names are
// those of status.h; what is not known is null. Every text of a device or a hook stays a text.

#include "station/status.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace station {

nlohmann::ordered_json slot_json(const SlotStatus& slot);
nlohmann::ordered_json counts_json(const Counts& counts);
nlohmann::ordered_json alarm_json(const Alarm& alarm);
nlohmann::ordered_json stop_json(const std::optional<Stop>& stop);  // null: none
// All of it: {"schema": 1, "station", "order", "target", "recipe", "at_ms", "draining", "slots",
// "elsewhere", "counts", "stop"}.
nlohmann::ordered_json status_json(const Status& status);

}  // namespace station
