// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a running station shows on the two streams.

#include "cli/context.h"
#include "station/status.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>

namespace cli {

// With --json: lines on stdout (docs/schemas/station-line.schema.json), at most four a second for a
// slot. On a terminal: a table that is drawn anew in its place. Else: a line for every state that a
// slot comes to.
std::unique_ptr<station::Listener> make_station_view(Context& context, std::size_t slots);

// {"schema": 1, "ok": true, "command", "subject"}
nlohmann::ordered_json station_done_document(station::Command::What what,
                                             const std::string& subject);

}  // namespace cli
