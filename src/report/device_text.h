// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Devices as `list`, `wait` and error messages show them.

#include "discovery/device.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace report {

// {id, mode, port, serial_port, bootloader_version, problem}: what is known without asking the
// device.
nlohmann::ordered_json device_json(const discovery::Device& device);
// Aligned, one line a device, with a heading.
std::string devices_text(const std::vector<discovery::Device>& devices, const Style& style);
// One line: "usb:1-2  DFU mode  id 2b00…".
std::string device_line(const discovery::Device& device);

}  // namespace report
