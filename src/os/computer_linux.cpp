// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/computer.h"
#include "os/kernel_linux.h"

#include <filesystem>
#include <string_view>
#include <sys/timex.h>

namespace os {

std::optional<bool> clock_is_synchronised() {
  timex state{};
  const int answer = ::adjtimex(&state);  // changes nothing
  return answer != -1 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

bool process_is_running(const std::string& name) {
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    // The kernel keeps fifteen characters of a name.
    const std::string found = kernel_text(it->path().native() + "/comm");
    if (!found.empty() && found == std::string_view(name).substr(0, 15)) return true;
  }
  return false;
}

bool has_udev() {
  std::error_code error;
  return std::filesystem::is_directory("/run/udev", error);
}

std::vector<std::string> udev_rule_folders() {
  return {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};
}

// A laptop's lid and its idle time are systemd's business here: `systemd-inhibit electron-rescue
// …`.
StayAwake::StayAwake() { static_cast<void>(held_); }
StayAwake::~StayAwake() = default;

}  // namespace os
