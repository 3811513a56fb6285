// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/device_files.h"

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>

namespace os {
namespace {

namespace fs = std::filesystem;

bool has_open(const fs::path& process, const fs::path& file) {
  std::error_code error;
  for (fs::directory_iterator it(process / "fd", error), end; !error && it != end;
       it.increment(error)) {
    std::error_code unreadable;
    if (fs::read_symlink(it->path(), unreadable) == file) return true;
  }
  return false;
}

}  // namespace

bool may_use(const std::string& name) {
  return ::access(name.c_str(), R_OK | W_OK) == 0 || (errno != EACCES && errno != EPERM);
}

std::optional<Process> user_of(const std::string& name) {
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string number = it->path().filename().string();
    Process process;
    const auto [rest, why] =
        std::from_chars(number.data(), number.data() + number.size(), process.number);
    if (why != std::errc() || rest != number.data() + number.size()) continue;
    if (process.number == ::getpid() || !has_open(it->path(), name)) continue;
    std::ifstream(it->path() / "comm") >> process.name;
    return process;
  }
  return std::nullopt;
}

}  // namespace os
