// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `ota` prints: as text for people, and as the documents of --json.

#include "cloud/events.h"
#include "ota/fleet.h"
#include "ota/survey.h"
#include "report/exit_code.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace report {

// ota status: {devices: [{id, name, product, online, answers, system_release, …}]}
nlohmann::ordered_json ota_status_document(const std::vector<ota::Surveyed>& devices);
std::string ota_status_text(const std::vector<ota::Surveyed>& devices, const Style& style);

// ota flash, and ota plan, whose one device has the verdict "planned".
nlohmann::ordered_json ota_flash_document(const ota::FleetResult& result,
                                          const release::Version& target);
// A table, then what each device that is not done needs.
std::string ota_flash_text(const ota::FleetResult& result, const Style& style);
// Of a plan: the stages, and what they cost.
std::string ota_plan_text(const ota::DeviceResult& device);

// The exit code of one device, and the worst of all: the highest.
int ota_exit_code(const ota::DeviceResult& device);
int ota_exit_code(const ota::FleetResult& result);

// ota watch: what an event says; empty for what does not matter here.
std::string ota_event_words(const cloud::Event& event);
nlohmann::ordered_json ota_event_document(const cloud::Event& event);

// One line about a machine that has moved on: "sends system part 3 (version 110), 53.7 KiB".
std::string ota_moved_words(const ota::Machine& machine);

}  // namespace report
