// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The end of a job: one short table for people, one document for programs. All of it is made of
// what happened, step by step, never of a comparison of the first state with the last.

#include "events/report.h"
#include "release/catalogue.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace report {

// What was, what is, how it was verified, how long it took, where the device is now.
std::string job_text(const events::DeviceReport& job, const release::Catalogue& catalogue,
                     const Style& style);
// The contract's `flash` document, without "error".
nlohmann::ordered_json job_json(const events::DeviceReport& job,
                                const release::Catalogue& catalogue);

// The device as it is now: {"id", "mode", "port", "bootloader_version", "state"}.
nlohmann::ordered_json device_in_the_end(const events::DeviceReport& job);

}  // namespace report
