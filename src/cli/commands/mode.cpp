// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "flash/switching.h"
#include "report/device_text.h"
#include "report/documents/devices.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct ModeOptions {
  std::string mode;
};

base::Result<discovery::Device> switch_to(Job& job, const std::string& mode) {
  const flash::Surroundings around = job.surroundings();
  const flash::SwitchOptions options = flash::attended();
  if (mode == "dfu") return flash::to_dfu(around, job.device(), options);
  if (mode == "listen") return flash::to_listening(around, job.device(), options);
  return flash::to_normal(around, job.device(), options);
}

int run_mode(Context& context, const ModeOptions& options) {
  auto job = Job::start(context, nullptr);
  if (!job) return context.fail(job.error());
  const auto device = switch_to(**job, options.mode);
  if (!device) return (*job)->fail(context, device.error());
  if (!context.global.json) context.print(report::device_line(*device) + "\n");
  return context.finish(report::device_document(*device), report::kDone);
}

}  // namespace

Run add_mode(CLI::App& command) {
  auto options = std::make_shared<ModeOptions>();
  option(command, "MODE", options->mode, "dfu, listen or normal")
      .required()
      .one_of({"dfu", "listen", "normal"})
      .type_name("");
  return [options](Context& context) { return run_mode(context, *options); };
}

}  // namespace cli
