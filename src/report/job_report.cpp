// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/job_report.h"

#include "report/document.h"
#include "report/info.h"
#include "report/module_json.h"
#include "report/plan_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

std::string installed_text(const plan::InstalledState* state, platform::ModuleId id,
                           const release::Catalogue& catalogue) {
  const plan::InstalledModule* module = state == nullptr ? nullptr : state->find(id);
  if (module == nullptr) return "not read";
  if (module->health == plan::Health::blank) return "empty";
  if (module->health == plan::Health::corrupt) return "damaged";
  if (id.function != platform::ModuleFunction::system_part) {
    return fmt::format("{}", module->header.version);
  }
  return fmt::format("{} ({})", release_text(*module, catalogue), module->header.version);
}

// The last thing done to a module in this job; null if no step was about it.
const flash::StepReport* last_step(const flash::DeviceReport& job, platform::ModuleId id) {
  for (auto stage = job.stages.rbegin(); stage != job.stages.rend(); ++stage) {
    for (auto step = stage->steps.rbegin(); step != stage->steps.rend(); ++step) {
      if (step->step.module.id() == id) return &*step;
    }
  }
  return nullptr;
}

// The plan found nothing to do for the module.
bool was_right(const flash::DeviceReport& job, platform::ModuleId id) {
  if (!job.plan || !job.plan->nothing_to_do()) return false;
  const auto& steps = job.plan->stages.back().steps;
  return std::any_of(steps.begin(), steps.end(),
                     [&](const plan::Step& step) { return step.module.id() == id; });
}

std::string done_text(const flash::StepReport* step, bool right, bool changed, const Style& style) {
  if (step == nullptr && right) return "was right already";
  if (step == nullptr && changed) return "brought by the system firmware";
  if (step == nullptr) return paint(style, Tone::quiet, "not touched");
  if (step->verified && step->bytes_written == 0) return "was right already";
  if (step->verified && step->bytes_verified == 0) {
    return paint(style, Tone::good, "sent, and the device says it has it");
  }
  if (step->verified) return paint(style, Tone::good, "written, read back, equal");
  if (step->written) return paint(style, Tone::warning, "written, not verified");
  if (step->erased) return paint(style, Tone::bad, "erased, not written");
  return paint(style, Tone::quiet, "not reached");
}

std::string_view sentence(flash::ConfirmedBy by) {
  switch (by) {
    case flash::ConfirmedBy::none:
      return "not confirmed";
    case flash::ConfirmedBy::dfu:
      return "read from its flash";
    case flash::ConfirmedBy::listening:
      return "confirmed by the device's own answer";
    case flash::ConfirmedBy::enumeration:
      return "confirmed by its coming back as a running device";
  }
  return "";
}

Json confirmed_json(const flash::DeviceReport& job, const release::Catalogue& catalogue) {
  Json json{{"by", flash::name(job.confirmed)}};
  if (!job.confirmed_modules.empty() && job.after) {
    json["modules"] = Json::array();
    for (const plan::InstalledModule& module : job.confirmed_modules) {
      json["modules"].push_back(module_json(module, *job.after->platform, catalogue));
    }
  }
  return json;
}

// What was done, put beside the plan's step.
void add_outcome(Json& step, const flash::StepReport* done, bool right) {
  step["erased"] = done != nullptr && done->erased;
  step["written"] = done != nullptr && done->written;
  step["verified"] = done != nullptr ? done->verified : right;
  step["seconds"] = done == nullptr ? 0.0 : done->seconds;
}

const flash::StepReport* outcome_of(const flash::DeviceReport& job, const plan::Stage& stage,
                                    const plan::Step& step) {
  for (auto done = job.stages.rbegin(); done != job.stages.rend(); ++done) {
    if (!(done->release == stage.release)) continue;
    const auto found = std::find_if(done->steps.begin(), done->steps.end(), [&](const auto& entry) {
      return entry.step.module.id() == step.module.id();
    });
    if (found != done->steps.end()) return &*found;
  }
  return nullptr;
}

}  // namespace

std::string job_text(const flash::DeviceReport& job, const release::Catalogue& catalogue,
                     const Style& style) {
  std::string text =
      paint(style, Tone::strong, "Electron " + (job.id.empty() ? "" : job.id + " ")) + "at " +
      usb::to_string(job.port) + "\n\n";
  const plan::InstalledState* before = job.before ? &*job.before : nullptr;
  const plan::InstalledState* after = job.after ? &*job.after : before;
  if (before != nullptr) {
    std::vector<std::vector<std::string>> rows{{"", "WAS", "IS", ""}};
    for (std::string& heading : rows.front()) heading = paint(style, Tone::quiet, heading);
    for (const plan::InstalledModule& module : before->modules) {
      const std::string was = installed_text(before, module.id, catalogue);
      const std::string is = installed_text(after, module.id, catalogue);
      rows.push_back(
          {platform::describe(module.id), was, is,
           done_text(last_step(job, module.id), was_right(job, module.id), was != is, style)});
    }
    text += table(rows, 2) + "\n";
  }
  std::vector<std::vector<std::string>> facts;
  const bool by_serial = job.totals.sectors_erased == 0 && job.totals.bytes_written > 0 &&
                         job.totals.bytes_verified == 0;
  if (by_serial) {
    facts.push_back({"sent", human_bytes(job.totals.bytes_written) + " over the serial line"});
  } else {
    facts.push_back(
        {"written", fmt::format("{} in {} erased sectors", human_bytes(job.totals.bytes_written),
                                job.totals.sectors_erased)});
    facts.push_back({"verified", human_bytes(job.totals.bytes_verified) + " read back and equal"});
  }
  for (const std::string& backup : job.backups) facts.push_back({"backup", backup});
  facts.push_back({"took", human_seconds(job.totals.seconds)});
  facts.push_back({"device", job.device_state});
  if (job.ok()) facts.push_back({"proof", std::string(sentence(job.confirmed))});
  return text + table(facts, 2);
}

Json job_json(const flash::DeviceReport& job, const release::Catalogue& catalogue) {
  Json json = job.plan ? plan_json(*job.plan, catalogue) : document();
  if (job.plan) {
    for (std::size_t i = 0; i < job.plan->stages.size(); ++i) {
      const plan::Stage& stage = job.plan->stages[i];
      for (std::size_t k = 0; k < stage.steps.size(); ++k) {
        add_outcome(json["stages"][i]["steps"][k], outcome_of(job, stage, stage.steps[k]),
                    was_right(job, stage.steps[k].module.id()));
      }
    }
  }
  json["device"] = Json{{"id", job.id.empty() ? Json(nullptr) : Json(job.id)},
                        {"port", usb::to_string(job.port)},
                        {"state", job.device_state}};
  json["bytes_written"] = job.totals.bytes_written;
  json["bytes_verified"] = job.totals.bytes_verified;
  json["bytes_read"] = job.totals.bytes_read;
  json["sectors_erased"] = job.totals.sectors_erased;
  json["transfers"] = job.totals.transfers;
  json["write_transfers"] = job.totals.write_transfers;
  json["seconds"] = job.totals.seconds;
  json["backup"] = job.backups.empty() ? Json(nullptr) : Json(job.backups.front());
  if (job.backups.size() > 1) json["backups"] = job.backups;
  json["confirmed"] = confirmed_json(job, catalogue);
  return json;
}

}  // namespace report
