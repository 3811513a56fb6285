// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/plan_json.h"

#include "base/files.h"
#include "report/document.h"
#include "report/module_json.h"

#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Json step_json(const plan::Step& step) {
  const firmware::CheckedModule& module = step.module;
  Json json;
  json["file"] = module.source();
  json["part"] = step.part;
  json["function"] = platform::name(module.id().function);
  json["index"] = module.id().index;
  json["address"] = base::hex32(module.address());
  json["size"] = module.image().size();
  json["from_version"] = step.from_version ? Json(*step.from_version) : Json(nullptr);
  json["to_version"] = module.version();
  json["action"] = step.action == plan::Action::write ? "write" : "skip";
  json["reason"] = step.reason;
  return json;
}

Json stage_json(const plan::Stage& stage) {
  Json json;
  json["release"] = stage.release.text();
  json["reason"] = stage.reason;
  json["steps"] = Json::array();
  for (const plan::Step& step : stage.steps) json["steps"].push_back(step_json(step));
  json["then"] = stage.then == plan::Then::boot ? "boot" : "stay";
  json["guard"] = nullptr;
  if (stage.guard) {
    json["guard"] = Json{{"index", stage.guard->module.index}, {"reason", stage.guard->reason}};
  } else {
    json["no_guard_reason"] = stage.no_guard_reason;
  }
  return json;
}

}  // namespace

Json plan_json(const plan::Plan& plan, const release::Catalogue& catalogue) {
  Json json = document();
  json["device"] = nullptr;
  json["from"] = Json::array();
  if (plan.from.platform != nullptr) {
    for (const plan::InstalledModule& module : plan.from.modules) {
      json["from"].push_back(module_json(module, *plan.from.platform, plan.from.told, catalogue));
    }
  }
  json["target"] = plan.target.text();
  json["stages"] = Json::array();
  for (const plan::Stage& stage : plan.stages) json["stages"].push_back(stage_json(stage));
  json["warnings"] = Json::array();
  for (const plan::Warning& warning : plan.warnings) {
    json["warnings"].push_back(Json{{"code", warning.code}, {"message", warning.message}});
  }
  return json;
}

base::Error as_error(const plan::Refusal& refusal) {
  const bool files = refusal.code == "target-missing" || refusal.code == "unknown-release";
  return base::make_error(files ? base::Errc::bad_file : base::Errc::refused, refusal.code,
                          refusal.message, refusal.hint);
}

void add_refusal(Json& document, const plan::Refusal& refusal) {
  add_error(document, as_error(refusal));
  if (refusal.needs.empty()) return;
  document["error"]["needs"] = refusal.needs;
  document["error"]["where"] = refusal.where;
}

}  // namespace report
