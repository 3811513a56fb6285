// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plan/plan.h"

#include <string>

namespace plan {

inline constexpr std::size_t kWidestText = 100;  // columns that any of it needs
// The plan as aligned text: what `plan` and `flash --dry-run` print and what tests compare. Where
// there are fewer than `columns`, steps take two lines. Without final line end.
std::string explain(const Plan& plan, std::size_t columns = kWidestText);
std::string explain(const Refusal& refusal, std::size_t columns = kWidestText);
// One line about a step: what is done, where, bytes, module version before and after ("-": nothing
// valid), file:
// "write        system part 3  0x08060000   55004    109 -> 110 system-part1-0.6.4-electron.bin".
std::string describe(const Step& step);

}  // namespace plan
