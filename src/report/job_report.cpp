// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/job_report.h"

#include "base/json_values.h"
#include "discovery/device.h"
#include "report/document.h"
#include "report/info.h"
#include "report/look_report.h"
#include "report/module_json.h"
#include "report/plan_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace report {
namespace {

using events::DeviceReport;
using events::StepReport;
using Json = nlohmann::ordered_json;

std::string installed_text(const plan::InstalledState& state, const plan::InstalledModule* module,
                           const std::optional<release::Version>& told,
                           const release::Catalogue& catalogue) {
  // Monolithic firmware lies over the places of the parts, or they over its.
  if (module == nullptr) return state.modules.empty() ? "not read" : "-";
  if (module->blank()) return "blank";
  if (!module->valid()) return "corrupt";
  if (module->id.function != platform::ModuleFunction::system_part) {
    return fmt::format("{}", module->version());
  }
  return fmt::format("{} ({})", release_text(*module, told, catalogue), module->version());
}

// A module as it is in the end: as the device told it after its start, where the system firmware
// may have replaced the bootloader, else as it was read, or written and verified.
const plan::InstalledModule* module_in_the_end(const DeviceReport& job, platform::ModuleId id) {
  const plan::InstalledModule* known = nullptr;
  if (job.after) {
    known = job.after->find(id);
  } else if (job.before) {
    known = job.before->find(id);
  }
  const auto told = std::ranges::find(job.confirmed_modules, id, &plan::InstalledModule::id);
  if (told == job.confirmed_modules.end()) return known;
  // The device tells no checksum: where it is the module that was read back, more is known of that.
  const bool same =
      known != nullptr && known->valid() && told->valid() && known->version() == told->version();
  return same ? known : &*told;
}

// Those that were on the device and those that are, system parts before the rest.
std::vector<platform::ModuleId> modules_of(const DeviceReport& job) {
  std::vector<platform::ModuleId> ids;
  for (const auto* state : {&job.before, &job.after}) {
    if (!*state) continue;
    for (const plan::InstalledModule& module : (*state)->modules) {
      if (std::ranges::find(ids, module.id) == ids.end()) ids.push_back(module.id);
    }
  }
  return ids;
}

// The release that the device is at in the end by what is known of the job, if it has a name.
std::optional<release::Version> said_to_be(const DeviceReport& job) {
  if (job.touched() && !job.stages.empty()) return job.stages.back().release;
  return job.before ? job.before->told : std::nullopt;
}

std::optional<std::uint16_t> bootloader_in_the_end(const DeviceReport& job) {
  const plan::InstalledModule* module = module_in_the_end(job, platform::kBootloader);
  if (module != nullptr && module->valid()) return module->version();
  if (job.after) return job.after->bootloader_version;
  return job.before ? job.before->bootloader_version : std::nullopt;
}

// The last that happened to the place: a step of the last stage that touched it, else one that
// found it right, else one that was not reached. A guard's two steps are one piece of work, and the
// one that closes it tells whether it is done.
const StepReport* last_step(const DeviceReport& job, const std::string& name) {
  const StepReport* found = nullptr;
  const auto rank = [](const StepReport* step) {
    if (step == nullptr) return 0;
    if (step->touched()) return 3;
    return step->step.action == plan::Action::skip ? 2 : 1;
  };
  for (const events::StageReport& stage : job.stages) {
    for (const StepReport& step : stage.steps) {
      if (step.step.content.name == name && rank(&step) >= rank(found)) found = &step;
    }
  }
  return found;
}

std::string done_text(const StepReport& done, const Style& style) {
  switch (done.step.action) {
    case plan::Action::skip:
      return "was right already";
    case plan::Action::send:
      if (done.told) return paint(style, Tone::good, "sent; the device says that it has it");
      if (done.attempts > 0) return paint(style, Tone::bad, "sent, not taken");
      return paint(style, Tone::quiet, "not reached");
    case plan::Action::guard_open:
      if (done.touched()) return paint(style, Tone::bad, "guarded: not finished");
      return paint(style, Tone::quiet, "not reached");
    case plan::Action::guard_close:
    case plan::Action::write:
      break;
  }
  if (done.verified) return paint(style, Tone::good, "written, read back, equal");
  if (done.written) return paint(style, Tone::warning, "written, not verified");
  if (done.erased) return paint(style, Tone::bad, "erased, not written");
  return paint(style, Tone::quiet, "not reached");
}

// The bootloaders that were seen on the device, one after the other.
std::string bootloader_text(const DeviceReport& job, const Style& style) {
  if (job.bootloaders.size() < 2) return paint(style, Tone::quiet, "not touched");
  std::string chain = fmt::format("{}", job.bootloaders.front());
  for (std::size_t i = 1; i < job.bootloaders.size(); ++i) {
    chain += fmt::format(" -> {}", job.bootloaders[i]);
  }
  return fmt::format("replaced by the system firmware as it started: {}", chain);
}

std::string module_text(const DeviceReport& job, platform::ModuleId id, const Style& style) {
  if (const StepReport* step = last_step(job, platform::describe(id))) {
    return done_text(*step, style);
  }
  if (id == platform::kBootloader) return bootloader_text(job, style);
  if (id.function == platform::ModuleFunction::monolithic && job.touched()) {
    return job.before->monolithic() != nullptr ? "replaced, place by place"
                                               : "written, place by place";
  }
  const plan::InstalledModule* was = job.before ? job.before->find(id) : nullptr;
  const plan::InstalledModule* is = module_in_the_end(job, id);
  if (id == platform::kUserPart && was != nullptr && is != nullptr && !was->valid() &&
      is->valid()) {
    return "put in place by the bootloader: the factory application";
  }
  return paint(style, Tone::quiet, "not touched");
}

std::string_view sentence(events::ConfirmedBy by) {
  switch (by) {
    case events::ConfirmedBy::none:
      return "not confirmed";
    case events::ConfirmedBy::dfu:
      return "read from its flash; it was not started";
    case events::ConfirmedBy::listening:
      return "asked after its start, it names the modules that are listed here";
    case events::ConfirmedBy::enumeration:
      return "it came back as a running device; it was not asked what it runs";
  }
  return "";
}

Json confirmed_json(const DeviceReport& job, const release::Catalogue& catalogue) {
  Json json{{"by", events::name(job.confirmed)}};
  if (!job.confirmed_modules.empty() && job.after) {
    json["modules"] = Json::array();
    for (const plan::InstalledModule& module : job.confirmed_modules) {
      json["modules"].push_back(
          module_json(module, *job.after->platform, said_to_be(job), catalogue));
    }
  }
  return json;
}

// What was done, put beside the plan's step.
void add_outcome(Json& step, const StepReport& done) {
  step["erased"] = done.erased;
  step["written"] = done.written;
  step["verified"] = done.verified;
  step["told"] = done.told;
  step["attempts"] = done.attempts;
  step["seconds"] = done.seconds;
}

Json mode_json(events::Whereabouts where) {
  switch (where) {
    case events::Whereabouts::dfu:
      return discovery::name(discovery::Mode::dfu);
    case events::Whereabouts::serial:
      return discovery::name(discovery::Mode::serial);
    case events::Whereabouts::listening:
      return discovery::name(discovery::Mode::listening);
    default:
      return nullptr;
  }
}

Json release_name(const events::StageReport& stage) {
  return stage.release ? Json(stage.release->text()) : Json(nullptr);
}

// As in a backup's manifest: "system-part-1", "user-part", "factory".
std::string region_name(const plan::Content& content) {
  if (!content.module) return "factory";
  const std::string function(platform::name(content.module->function));
  if (content.module->function != platform::ModuleFunction::system_part) return function;
  return fmt::format("{}-{}", function, content.module->index);
}

// Of a restore: its regions, whatever of each was done.
Json regions_json(const DeviceReport& job) {
  Json regions = Json::array();
  std::vector<std::string> seen;
  for (const events::StageReport& stage : job.stages) {
    for (const StepReport& step : stage.steps) {
      const std::string& name = step.step.content.name;
      if (std::ranges::find(seen, name) != seen.end()) continue;
      seen.push_back(name);
      const StepReport& last = *last_step(job, name);
      Json region{{"name", region_name(step.step.content)},
                  {"address", base::hex32(step.step.content.place.begin)},
                  {"size", step.step.content.place.size()}};
      add_outcome(region, last);
      region["bytes_written"] = last.bytes_written;
      regions.push_back(std::move(region));
    }
  }
  return regions;
}

std::vector<std::vector<std::string>> facts_of(const DeviceReport& job) {
  std::vector<std::vector<std::string>> facts;
  const bool by_serial = job.totals.sectors_erased == 0 && job.totals.bytes_written > 0;
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
  if (configuration_of(job) == plan::Configuration::blank) {
    facts.push_back({"keys", no_keys()});
  }
  for (const std::string& region : job.left_out) {
    facts.push_back({"left out", fmt::format("the {} in the backup: it is never written", region)});
  }
  if (job.ok()) facts.push_back({"proof", std::string(sentence(job.confirmed))});
  return facts;
}

}  // namespace

Json device_in_the_end(const DeviceReport& job) {
  const auto bootloader = bootloader_in_the_end(job);
  Json json{{"id", base::text_or_null(job.id)},
            {"mode", mode_json(job.whereabouts)},
            {"port", usb::to_string(job.port)},
            {"bootloader_version", bootloader ? Json(*bootloader) : Json(nullptr)},
            {"state", job.device_state}};
  if (!job.identity.imei.empty()) json["imei"] = job.identity.imei;
  if (!job.identity.iccid.empty()) json["iccid"] = job.identity.iccid;
  return json;
}

std::string job_text(const DeviceReport& job, const release::Catalogue& catalogue,
                     const Style& style) {
  std::string text =
      paint(style, Tone::strong, "Electron " + (job.id.empty() ? "" : job.id + " ")) + "at " +
      usb::to_string(job.port) + "\n\n";
  if (job.before) {
    std::vector<std::vector<std::string>> rows{{"", "WAS", "IS", ""}};
    for (std::string& heading : rows.front()) heading = paint(style, Tone::quiet, heading);
    for (const platform::ModuleId id : modules_of(job)) {
      rows.push_back(
          {platform::describe(id),
           installed_text(*job.before, job.before->find(id), job.before->told, catalogue),
           installed_text(job.after ? *job.after : *job.before, module_in_the_end(job, id),
                          said_to_be(job), catalogue),
           module_text(job, id, style)});
    }
    for (const events::StageReport& stage : job.stages) {
      for (const StepReport& step : stage.steps) {
        if (step.step.content.module) continue;
        rows.push_back({step.step.content.name, "", "", done_text(step, style)});
      }
    }
    text += table(rows, 2, style) + "\n";
  }
  return text + table(facts_of(job), 2, style);
}

Json job_json(const DeviceReport& job, const release::Catalogue& catalogue) {
  Json json = job.plan ? plan_json(*job.plan, catalogue) : document();
  if (job.plan) {
    json["stages"] = Json::array();
    for (std::size_t i = 0; i < job.stages.size(); ++i) {
      const events::StageReport& done = job.stages[i];
      // A stage that a later look found necessary stands in no plan that was shown.
      Json stage = i < job.plan->stages.size() ? stage_json(job.plan->stages[i])
                                               : Json{{"release", release_name(done)}};
      stage["steps"] = Json::array();
      for (const StepReport& step : done.steps) {
        stage["steps"].push_back(step_json(step.step));
        add_outcome(stage["steps"].back(), step);
      }
      json["stages"].push_back(std::move(stage));
    }
  }
  json["device"] = device_in_the_end(job);
  json["configuration"] = configuration_json(job);
  if (job.goal == "restore") {
    json["regions"] = regions_json(job);
    json["left_out"] = job.left_out;
  }
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
