// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A plan as the document that --json prints.

#include "plan/plan.h"

#include <nlohmann/json_fwd.hpp>

namespace report {

// {schema, ok, device: null, from, target, stages, warnings}; the caller fills in `device`.
nlohmann::ordered_json plan_json(const plan::Plan& plan, const release::Catalogue& catalogue);

// Bad file where the files are in the way (target-missing, unknown-release), else refused.
base::Error as_error(const plan::Refusal& refusal);
// Sets "ok" to false and adds "error" with `needs` and `where` where there are any.
void add_refusal(nlohmann::ordered_json& document, const plan::Refusal& refusal);

// A stage without what became of it, and one of its steps.
nlohmann::ordered_json stage_json(const plan::Stage& stage);
nlohmann::ordered_json step_json(const plan::Step& step);

}  // namespace report
