// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The files that stand for devices, where the system has such: who may use one, who does.

#include <optional>
#include <string>

namespace os {

// False only where it is certain that this user may not read and write it.
bool may_use(const std::string& name);

struct Process {
  long number = 0;
  std::string name;  // of its program, as the system shortens it
};
// Another process that has the file open; none if there is none, or if this user may not see that.
std::optional<Process> user_of(const std::string& name);

}  // namespace os
