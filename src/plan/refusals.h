// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Why there is no plan, and what to get.

#include "plan/search.h"

namespace plan {

// Neither the catalogue nor a file knows the release (unknown-release), or its files are not all
// there or cannot be used (target-missing).
Refusal target_refusal(const Request& request, const release::Catalogue& catalogue);
// Nothing can be said about the system parts.
Refusal unknown_state();
// The quest fails with the files at hand. `every` are all waypoints, those at hand or not.
Refusal route_refusal(const Quest& quest, std::span<const PartSet> every,
                      const release::Catalogue& catalogue);

}  // namespace plan
