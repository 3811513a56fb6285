// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/computer.h"

#include <IOKit/pwr_mgt/IOPMLib.h>
#include <array>
#include <libproc.h>

namespace os {

std::optional<bool> clock_is_synchronised() { return std::nullopt; }

bool process_is_running(const std::string& name) {
  const int count = ::proc_listallpids(nullptr, 0);
  if (count <= 0) return false;
  // Some may start meanwhile.
  constexpr std::size_t kRoom = 64;
  std::vector<pid_t> processes(static_cast<std::size_t>(count) + kRoom);
  const int found =
      ::proc_listallpids(processes.data(), static_cast<int>(processes.size() * sizeof(pid_t)));
  for (int i = 0; i < found; ++i) {
    std::array<char, 2 * MAXCOMLEN> text{};
    const int length = ::proc_name(processes[static_cast<std::size_t>(i)], text.data(),
                                   static_cast<std::uint32_t>(text.size()));
    if (length > 0 && name == std::string_view(text.data(), static_cast<std::size_t>(length))) {
      return true;
    }
  }
  return false;
}

bool has_udev() { return false; }
std::vector<std::string> udev_rule_folders() { return {}; }

StayAwake::StayAwake() {
  IOPMAssertionID made = kIOPMNullAssertionID;
  const IOReturn code =
      ::IOPMAssertionCreateWithName(kIOPMAssertionTypePreventUserIdleSystemSleep,
                                    kIOPMAssertionLevelOn, CFSTR("electron-rescue writes"), &made);
  held_ = code == kIOReturnSuccess ? made : kIOPMNullAssertionID;
}

StayAwake::~StayAwake() {
  if (held_ != kIOPMNullAssertionID) ::IOPMAssertionRelease(held_);
}

}  // namespace os
