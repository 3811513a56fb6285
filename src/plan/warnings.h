// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the user should know about a plan that is possible.

#include "plan/search.h"

namespace plan {

struct Course {
  const InstalledState* from = nullptr;
  InstalledState end;  // after the last step and the start that follows it
  const Route* route = nullptr;
  Start start = Start::by_past;
  bool past_was_unknown = false;
  // The bootloader before the firmware of each stage starts, in the order of the route; and last
  // the one that is there in the end. None: not known.
  std::vector<std::optional<std::uint16_t>> bootloaders;
};

std::vector<Warning> warnings(const Plan& plan, const Course& course, const Request& request,
                              const release::Catalogue& catalogue);

}  // namespace plan
