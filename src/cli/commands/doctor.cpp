// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/diagnosis.h"
#include "cli/parser.h"
#include "cli/station_diagnosis.h"

#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct DoctorOptions {
  bool station = false;
  std::string config;
};

int run_doctor(Context& context, const DoctorOptions& options) {
  const auto selector = context.worlds.selector();
  if (!selector) return context.fail(selector.error());
  const Computer& computer = context.computer();
  std::vector<report::Finding> findings;
  if (!context.global.simulated()) findings = look_at_computer(computer);
  for (auto& finding : look_at_devices(computer, context.worlds.world(nullptr), *selector)) {
    findings.push_back(std::move(finding));
  }
  if (options.station) {
    for (auto& finding : look_at_station(options.config, context.cache_directory())) {
      findings.push_back(std::move(finding));
    }
  }
  if (!context.global.json) context.print(report::doctor_text(findings, context.style()));
  const report::Finding* worst = report::worst_of(findings);
  return context.finish(report::doctor_document(findings),
                        worst == nullptr ? report::kDone : worst->exit);
}

}  // namespace

Run add_doctor(CLI::App& command) {
  auto options = std::make_shared<DoctorOptions>();
  flag(command, "--station", options->station, "Also look at what a station needs");
  option(command, "--config", options->config, "The station's configuration").type_name("FILE");
  return [options](Context& context) { return run_doctor(context, *options); };
}

}  // namespace cli
