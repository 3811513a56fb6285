// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "reach/switching.h"
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

base::Result<discovery::Device> switch_to(Chosen& chosen, const std::string& mode) {
  const discovery::Device& device = chosen.device();
  work::Voice voice(chosen.work().sink, usb::to_string(device.port()));
  const reach::Patience patience = reach::attended();
  if (mode == "dfu") return reach::to_dfu(chosen.work(), voice, device, patience);
  if (mode == "listen") return reach::to_listening(chosen.work(), voice, device, patience);
  return reach::to_normal(chosen.work(), voice, device, patience);
}

int run_mode(Context& context, const ModeOptions& options) {
  const auto chosen = Chosen::find(context, nullptr);
  if (!chosen) return context.fail(chosen.error());
  const auto device = switch_to(**chosen, options.mode);
  if (!device) {
    return fail_to_look(context, (*chosen)->work(), (*chosen)->device().port(), device.error());
  }
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
