// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `backup` and `verify` tell: jobs that only read.

#include "events/report.h"
#include "release/catalogue.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace report {

// `backup`: what was saved into `file`.
std::string saved_text(const events::DeviceReport& job, const std::string& file);
nlohmann::ordered_json saved_json(const events::DeviceReport& job, const std::string& file);
// The device's keys are in the file: only where there are any.
bool saved_keys(const events::DeviceReport& job);

// `verify`: module by module.
std::string comparison_text(const events::DeviceReport& job, const Style& style);
nlohmann::ordered_json comparison_json(const events::DeviceReport& job,
                                       const release::Catalogue& catalogue);

// Whether the device has keys, as it was read last. {"state"}.
plan::Configuration configuration_of(const events::DeviceReport& job);
nlohmann::ordered_json configuration_json(const events::DeviceReport& job);
// What is to be said of a device that has none.
std::string no_keys();

}  // namespace report
