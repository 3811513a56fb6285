// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The end of a job: one short table for people, one document for programs.

#include "flash/report.h"
#include "release/catalogue.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace report {

// What was, what is, how it was verified, how long it took, where the device is now.
std::string job_text(const flash::DeviceReport& job, const release::Catalogue& catalogue,
                     const Style& style);
// The contract's `flash` document, without "error".
nlohmann::ordered_json job_json(const flash::DeviceReport& job,
                                const release::Catalogue& catalogue);

}  // namespace report
