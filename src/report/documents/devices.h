// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The documents of what is connected: list, wait, mode, and an error that names several devices.

#include "discovery/device.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>
#include <vector>

namespace report {

// list: {devices: […]}
nlohmann::ordered_json devices_document(const std::vector<discovery::Device>& devices);
// wait, mode: {device}
nlohmann::ordered_json device_document(const discovery::Device& device);
// list --watch: one line, the device's fields beside {event}: "arrived", "left", "changed".
nlohmann::ordered_json watch_document(std::string_view event, const discovery::Device& device);

// Which devices a command could not choose among: error.devices.
void add_candidates(nlohmann::ordered_json& document,
                    const std::vector<discovery::Device>& devices);

}  // namespace report
