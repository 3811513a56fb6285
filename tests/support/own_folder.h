// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What tests need of the system, the same on each.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace test_support {

// A new folder that nobody else has; whoever asks for it removes it.
inline std::string own_folder(const std::string& prefix) {
  auto number = std::chrono::steady_clock::now().time_since_epoch().count();
  while (true) {
    const std::string path = testing::TempDir() + prefix + std::to_string(++number);
    if (std::filesystem::create_directory(path)) return path;
  }
}

inline void set_environment(const std::string& name, const std::string& value) {
#ifdef _WIN32
  ::_putenv_s(name.c_str(), value.c_str());
#else
  ::setenv(name.c_str(), value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
#endif
}

inline void unset_environment(const std::string& name) {
#ifdef _WIN32
  ::_putenv_s(name.c_str(), "");
#else
  ::unsetenv(name.c_str());                  // NOLINT(concurrency-mt-unsafe)
#endif
}

// The variable that says where state is kept.
#ifdef _WIN32
inline constexpr const char* kStateVariable = "LOCALAPPDATA";
#else
inline constexpr const char* kStateVariable = "XDG_STATE_HOME";
#endif

}  // namespace test_support
