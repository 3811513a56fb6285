// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plan/plan.h"
#include "report/style.h"

#include <optional>
#include <string>

namespace report {

// What a person should know before the first erase, in ten lines at most: from where to where, what
// is written, about how many seconds it takes, and where what is overwritten goes. `plan::explain`
// is the whole. Without final line end.
std::string plan_summary(const plan::Plan& plan, const std::optional<std::string>& backup_path,
                         double seconds, const Style& style);

}  // namespace report
