// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A plan as the document that --json prints.

#include "plan/plan.h"

#include <nlohmann/json_fwd.hpp>

namespace report {

// {schema, ok, device: null, from, target, stages, warnings}; the caller fills in `device`.
nlohmann::ordered_json plan_json(const plan::Plan& plan, const release::Catalogue& catalogue);

// The modules of the state that a plan is made for.
nlohmann::ordered_json from_json(const plan::InstalledState& state,
                                 const release::Catalogue& catalogue);
// What a plan that was refused was to be: `target`, and `from` where the device was looked at.
void add_wish(nlohmann::ordered_json& document, const std::optional<release::Version>& target,
              const std::optional<plan::InstalledState>& from, const release::Catalogue& catalogue);
// Sets "ok" to false and adds "error" with `needs`, `where` and `missing` where
// there are any.
void add_refusal(nlohmann::ordered_json& document, const plan::Refusal& refusal);

// A stage without what became of it, and one of its steps.
nlohmann::ordered_json stage_json(const plan::Stage& stage);
nlohmann::ordered_json step_json(const plan::Step& step);

}  // namespace report
