// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What Linux and macOS have in common.

#include <cerrno>
#include <string>
#include <system_error>

namespace os {

inline std::error_code last_error() { return {errno, std::generic_category()}; }

// fsync(), or what the system has that does reach the disk. True if done.
bool flush_descriptor(int descriptor);

// $VARIABLE where it is an absolute path, else a folder below the user's home.
std::string user_folder(const std::string& variable, const std::string& below_home);

}  // namespace os
