// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/job_report.h"

#include "discovery/device.h"
#include "report/document.h"
#include "report/info.h"
#include "report/module_json.h"
#include "report/plan_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

std::string installed_text(const plan::InstalledModule* module,
                           const std::optional<release::Version>& told,
                           const release::Catalogue& catalogue) {
  if (module == nullptr) return "not read";
  if (module->blank()) return "empty";
  if (!module->valid()) return "damaged";
  if (module->id.function != platform::ModuleFunction::system_part) {
    return fmt::format("{}", module->version());
  }
  return fmt::format("{} ({})", release_text(*module, told, catalogue), module->version());
}

// A module as it is in the end: as the device told it after its start, where the system firmware
// may have replaced the bootloader, else as it was read, or written and verified.
const plan::InstalledModule* module_in_the_end(const flash::DeviceReport& job,
                                               platform::ModuleId id) {
  const plan::InstalledModule* known = nullptr;
  if (job.after) {
    known = job.after->find(id);
  } else if (job.before) {
    known = job.before->find(id);
  }
  const auto told = std::find_if(job.confirmed_modules.begin(), job.confirmed_modules.end(),
                                 [&](const auto& module) { return module.id == id; });
  if (told == job.confirmed_modules.end()) return known;
  // The device tells no checksum: where it is the module that was read back, more is known of that.
  const bool same =
      known != nullptr && known->valid() && told->valid() && known->version() == told->version();
  return same ? known : &*told;
}

// The release that the device is at in the end by what is known of the job, if it has a name.
std::optional<release::Version> said_to_be(const flash::DeviceReport& job) {
  if (job.plan && !job.stages.empty() && job.stages.back().release) {
    return job.stages.back().release;
  }
  return job.before ? job.before->told : std::nullopt;
}

std::optional<std::uint16_t> bootloader_in_the_end(const flash::DeviceReport& job) {
  const plan::InstalledModule* module = module_in_the_end(job, platform::kBootloader);
  if (module != nullptr && module->valid()) return module->version();
  if (job.after) return job.after->bootloader_version;
  return job.before ? job.before->bootloader_version : std::nullopt;
}

// Everything done to a module for one release, all rounds added up; none if no step was about it.
std::optional<flash::StepReport> outcome_of(const flash::DeviceReport& job,
                                            const std::optional<release::Version>& release,
                                            std::optional<platform::ModuleId> id) {
  std::optional<flash::StepReport> sum;
  for (const flash::StageReport& stage : job.stages) {
    if (!(stage.release == release)) continue;
    for (const flash::StepReport& step : stage.steps) {
      if (step.step.content.module != id) continue;
      if (sum) {
        flash::add_round(*sum, step);
      } else {
        sum = step;
      }
    }
  }
  return sum;
}

// The same for the last release for which a step was about the module.
std::optional<flash::StepReport> last_outcome(const flash::DeviceReport& job,
                                              platform::ModuleId id) {
  for (auto stage = job.stages.rbegin(); stage != job.stages.rend(); ++stage) {
    if (auto outcome = outcome_of(job, stage->release, id)) return outcome;
  }
  return std::nullopt;
}

// The plan found nothing to do for the module.
bool was_right(const flash::DeviceReport& job, std::optional<platform::ModuleId> id) {
  if (!job.plan || !job.plan->nothing_to_do()) return false;
  const auto& steps = job.plan->stages.back().steps;
  return std::any_of(steps.begin(), steps.end(),
                     [&](const plan::Step& step) { return step.content.module == id; });
}

// `Report` is a StepReport or a RegionReport.
template <class Report>
std::string done_text(const Report& done, const Style& style) {
  if (done.verified && !done.erased && done.bytes_written == 0) return "was right already";
  if (done.verified && !done.erased && done.bytes_verified == 0) {
    return paint(style, Tone::good, "sent, and the device says it has it");
  }
  if (done.verified) return paint(style, Tone::good, "written, read back, equal");
  if (done.written) return paint(style, Tone::warning, "written, not verified");
  if (done.erased) return paint(style, Tone::bad, "erased, not written");
  return paint(style, Tone::quiet, "not reached");
}

std::string done_text(const flash::DeviceReport& job, platform::ModuleId id, bool changed,
                      const Style& style) {
  if (const auto outcome = last_outcome(job, id)) return done_text(*outcome, style);
  const auto region = std::find_if(job.regions.begin(), job.regions.end(),
                                   [&](const auto& entry) { return entry.module == id; });
  if (region != job.regions.end()) return done_text(*region, style);
  if (was_right(job, id)) return "was right already";
  if (changed) return "brought by the system firmware";
  return paint(style, Tone::quiet, "not touched");
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
      json["modules"].push_back(
          module_json(module, *job.after->platform, said_to_be(job), catalogue));
    }
  }
  return json;
}

// What was done, put beside the plan's step.
void add_outcome(Json& step, const std::optional<flash::StepReport>& done, bool right) {
  step["erased"] = done && done->erased;
  step["written"] = done && done->written;
  step["verified"] = done ? done->verified : right;
  step["seconds"] = done ? done->seconds : 0.0;
}

std::string_view mode_word(flash::Whereabouts where) {
  switch (where) {
    case flash::Whereabouts::dfu:
      return discovery::name(discovery::Mode::dfu);
    case flash::Whereabouts::serial:
      return discovery::name(discovery::Mode::serial);
    case flash::Whereabouts::gone:
    case flash::Whereabouts::unknown:
      break;
  }
  return {};
}

Json device_in_the_end(const flash::DeviceReport& job) {
  const std::string_view mode = mode_word(job.whereabouts);
  const auto bootloader = bootloader_in_the_end(job);
  return Json{{"id", job.id.empty() ? Json(nullptr) : Json(job.id)},
              {"mode", mode.empty() ? Json(nullptr) : Json(mode)},
              {"port", usb::to_string(job.port)},
              {"bootloader_version", bootloader ? Json(*bootloader) : Json(nullptr)},
              {"state", job.device_state}};
}

Json region_json(const flash::RegionReport& region) {
  return Json{{"name", region.name},
              {"address", base::hex32(region.range.begin)},
              {"size", region.range.size()},
              {"erased", region.erased},
              {"written", region.written},
              {"verified", region.verified},
              {"bytes_written", region.bytes_written},
              {"seconds", region.seconds}};
}

}  // namespace

std::string job_text(const flash::DeviceReport& job, const release::Catalogue& catalogue,
                     const Style& style) {
  std::string text =
      paint(style, Tone::strong, "Electron " + (job.id.empty() ? "" : job.id + " ")) + "at " +
      usb::to_string(job.port) + "\n\n";
  if (job.before) {
    std::vector<std::vector<std::string>> rows{{"", "WAS", "IS", ""}};
    for (std::string& heading : rows.front()) heading = paint(style, Tone::quiet, heading);
    for (const plan::InstalledModule& module : job.before->modules) {
      const std::string was = installed_text(&module, job.before->told, catalogue);
      const std::string is =
          installed_text(module_in_the_end(job, module.id), said_to_be(job), catalogue);
      rows.push_back(
          {platform::describe(module.id), was, is, done_text(job, module.id, was != is, style)});
    }
    for (const flash::RegionReport& region : job.regions) {
      if (!region.module) rows.push_back({region.name, "", "", done_text(region, style)});
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
        const std::optional<platform::ModuleId> id = stage.steps[k].content.module;
        add_outcome(json["stages"][i]["steps"][k], outcome_of(job, stage.release, id),
                    was_right(job, id));
      }
    }
  }
  json["device"] = device_in_the_end(job);
  if (!job.regions.empty()) {
    json["regions"] = Json::array();
    for (const flash::RegionReport& region : job.regions) {
      json["regions"].push_back(region_json(region));
    }
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
