// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The computer and its other programs.

#include <optional>
#include <string>
#include <vector>

namespace os {

// The words after the program's name that it was started with, as UTF-8.
std::vector<std::string> arguments(int argc, char** argv);

// A process with this name is running now. False where the system does not tell.
bool process_is_running(const std::string& name);

// Runs a program, found as the shell finds it, and waits for it; true if it ended well.
bool run_program(std::vector<std::string> words);

// This process may do everything.
bool is_administrator();

// What the user of this process is of a group.
enum class Membership {
  now,            // a member, and the process has its rights; the administrator always
  at_next_login,  // a member since after this login
  none,
  no_such_group,
};
Membership membership(const std::string& group);
// The name that the user logs in by; empty if the system knows none.
std::string user_name();

// Whether udev decides here who may open a device (Linux), and the folders of its rules, the most
// important first; none elsewhere.
bool has_udev();
std::vector<std::string> udev_rule_folders();

// The time of day follows somebody who knows it; none: that is not asked on this system.
std::optional<bool> clock_is_synchronised();

// While it lives, the computer does not fall asleep for want of somebody at the keys, and short
// waits are as short as they were asked to be. Where that is so anyhow, or somebody else's
// business, it does nothing.
class StayAwake {
 public:
  StayAwake();
  ~StayAwake();  // NOLINT(performance-trivially-destructible): does something on Windows
  StayAwake(const StayAwake&) = delete;
  StayAwake& operator=(const StayAwake&) = delete;

 private:
  [[maybe_unused]] unsigned held_ = 0;
};

}  // namespace os
