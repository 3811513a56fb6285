// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/plan_json.h"

#include "base/files.h"
#include "report/document.h"
#include "report/module_json.h"

#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<std::uint16_t>& version) {
  return version ? Json(*version) : Json(nullptr);
}

}  // namespace

Json from_json(const plan::InstalledState& state, const release::Catalogue& catalogue) {
  Json modules = Json::array();
  if (state.platform == nullptr) return modules;
  for (const plan::InstalledModule& module : state.modules) {
    modules.push_back(module_json(module, *state.platform, state.told, catalogue));
  }
  return modules;
}

Json step_json(const plan::Step& step) {
  const plan::Content& content = step.content;
  Json json;
  json["action"] = plan::name(step.action);
  json["file"] = content.source;
  json["part"] = step.part;
  json["function"] = nullptr;
  json["index"] = nullptr;
  if (content.module) {
    json["function"] = platform::name(content.module->function);
    json["index"] = content.module->index;
  }
  json["name"] = content.name;
  json["address"] = base::hex32(content.place.begin);
  json["size"] = content.image().size();
  json["from_version"] = number(step.from_version);
  json["to_version"] = number(content.version());
  json["reason"] = step.reason;
  json["weight"] = step.weight;
  return json;
}

Json stage_json(const plan::Stage& stage) {
  Json json;
  json["release"] = stage.release ? Json(stage.release->text()) : Json(nullptr);
  json["medium"] = plan::name(stage.medium);
  json["reason"] = stage.reason;
  json["steps"] = Json::array();
  for (const plan::Step& step : stage.steps) json["steps"].push_back(step_json(step));
  json["then"] = stage.then == plan::Then::boot ? "boot" : "stay";
  json["guard"] = nullptr;
  json["no_guard"] = nullptr;
  if (stage.guard) {
    json["guard"] = Json{{"index", stage.guard->module.index}, {"reason", stage.guard->reason}};
  } else {
    json["no_guard"] = stage.no_guard_reason;
  }
  return json;
}

Json plan_json(const plan::Plan& plan, const release::Catalogue& catalogue) {
  Json json = document();
  json["device"] = nullptr;
  json["medium"] = plan::name(plan.medium);
  json["direction"] = plan::name(plan.direction);
  json["from"] = from_json(plan.from, catalogue);
  json["target"] = plan.target ? Json(plan.target->text()) : Json(nullptr);
  json["stages"] = Json::array();
  for (const plan::Stage& stage : plan.stages) json["stages"].push_back(stage_json(stage));
  json["warnings"] = Json::array();
  for (const plan::Warning& warning : plan.warnings) {
    json["warnings"].push_back(Json{{"code", warning.code}, {"message", warning.message}});
  }
  return json;
}

void add_wish(Json& document, const std::optional<release::Version>& target,
              const std::optional<plan::InstalledState>& from,
              const release::Catalogue& catalogue) {
  if (!document.contains("device")) document["device"] = nullptr;
  document["from"] = from ? from_json(*from, catalogue) : Json::array();
  document["target"] = target ? Json(target->text()) : Json(nullptr);
}

void add_refusal(Json& document, const plan::Refusal& refusal) {
  add_error(document, plan::as_error(refusal));
  Json& error = document["error"];
  if (!refusal.missing.empty()) {
    error["missing"] = Json::array();
    for (const release::MissingPart& part : refusal.missing) {
      error["missing"].push_back(missing_json(part));
    }
  }
  if (refusal.needs.empty()) return;
  error["needs"] = refusal.needs;
  error["where"] = refusal.where;
}

}  // namespace report
