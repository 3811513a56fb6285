// SPDX-License-Identifier: GPL-3.0-or-later
//
// For systems without files for devices (Windows), or that do not tell who uses them (macOS).
#include "os/device_files.h"

namespace os {

bool may_use(const std::string&) { return true; }

std::optional<Process> user_of(const std::string&) { return std::nullopt; }

}  // namespace os
