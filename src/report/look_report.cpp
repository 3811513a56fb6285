// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/look_report.h"

#include "plan/state.h"
#include "report/document.h"
#include "report/module_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

using events::DeviceReport;

plan::Configuration configuration_of(const DeviceReport& job) {
  if (job.after) return job.after->configuration;
  return job.before ? job.before->configuration : plan::Configuration::unknown;
}

Json configuration_json(const DeviceReport& job) {
  return Json{{"state", plan::name(configuration_of(job))}};
}

std::string no_keys() {
  return fmt::format(
      "none: the device's configuration is blank, so that the cloud turns it away; {}",
      plan::kKeysCure);
}

std::string saved_text(const DeviceReport& job, const std::string& file) {
  std::string names;
  for (const events::SavedRegion& region : job.saved) {
    names += (names.empty() ? "" : ", ") + region.name;
  }
  std::string text =
      fmt::format("saved {} to {}\ndevice: {}\n", names, base::printable(file), job.device_state);
  if (configuration_of(job) == plan::Configuration::blank) {
    text += fmt::format("keys: {}\n", no_keys());
  }
  return text;
}

bool saved_keys(const DeviceReport& job) {
  const bool there = std::ranges::any_of(
      job.saved, [](const events::SavedRegion& region) { return region.name == "configuration"; });
  return there && job.ok() && configuration_of(job) != plan::Configuration::blank;
}

Json saved_json(const DeviceReport& job, const std::string& file) {
  Json json = document();
  json["file"] = file;
  json["regions"] = Json::array();
  for (const events::SavedRegion& region : job.saved) {
    json["regions"].push_back(Json{{"name", region.name},
                                   {"address", base::hex32(region.range.begin)},
                                   {"size", region.range.size()}});
  }
  json["keys_included"] = saved_keys(job);
  json["configuration"] = configuration_json(job);
  json["bytes_read"] = job.totals.bytes_read;
  json["seconds"] = job.totals.seconds;
  return json;
}

std::string comparison_text(const DeviceReport& job, const Style& style) {
  std::vector<std::vector<std::string>> rows;
  for (const events::Comparison& entry : job.comparisons) {
    std::string verdict = paint(style, Tone::warning, "not compared");
    if (entry.equal) {
      verdict = paint(style, Tone::good, "equal, byte for byte");
    } else if (entry.compared) {
      verdict = paint(style, Tone::bad,
                      fmt::format("{}, the first at {}",
                                  entry.different_bytes == 1
                                      ? "1 byte differs"
                                      : fmt::format("{} bytes differ", entry.different_bytes),
                                  base::hex32(entry.first_difference)));
    }
    rows.push_back({platform::describe(entry.module.id()), base::hex32(entry.module.address()),
                    fmt::format("{} bytes", entry.module.image().size()), std::move(verdict)});
  }
  std::string text = table(rows, 0, style) + "device: " + job.device_state + "\n";
  if (configuration_of(job) == plan::Configuration::blank) {
    text += fmt::format("keys: {}\n", no_keys());
  }
  return text;
}

Json comparison_json(const DeviceReport& job, const release::Catalogue& catalogue) {
  Json json = document();
  json["modules"] = Json::array();
  for (const events::Comparison& entry : job.comparisons) {
    Json module = module_json(entry.module, catalogue);
    const bool differs = entry.compared && !entry.equal;
    module["equal"] = entry.compared ? Json(entry.equal) : Json(nullptr);
    module["first_difference"] =
        differs ? Json(base::hex32(entry.first_difference)) : Json(nullptr);
    module["different_bytes"] = entry.compared ? Json(entry.different_bytes) : Json(nullptr);
    json["modules"].push_back(std::move(module));
  }
  json["configuration"] = configuration_json(job);
  json["bytes_read"] = job.totals.bytes_read;
  json["seconds"] = job.totals.seconds;
  return json;
}

}  // namespace report
