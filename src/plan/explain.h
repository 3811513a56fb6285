// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plan/plan.h"

#include <string>

namespace plan {

// The plan as aligned text, at most 100 columns: what `plan` and `flash --dry-run` print and what
// tests compare. Without final line end.
std::string explain(const Plan& plan);
std::string explain(const Refusal& refusal);
// One line about a step: "write  index 3  0x08060000  0.6.4 (110) system-part1-0.6.4-electron.bin".
std::string describe(const Step& step);

}  // namespace plan
