// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/firmware.h"
#include "cli/job.h"
#include "report/document.h"
#include "report/look_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

// The files that the device is compared with: those of the release in the order of the parts, then
// the application and the bootloader that were named.
std::vector<firmware::CheckedModule> modules_of(const Asked& asked,
                                                const release::Library& library) {
  std::vector<firmware::CheckedModule> modules;
  if (asked.target) {
    const auto parts = library.find(*asked.target)->parts();
    modules.assign(parts.begin(), parts.end());
  }
  if (asked.application) modules.push_back(*asked.application);
  if (asked.bootloader) modules.push_back(*asked.bootloader);
  return modules;
}

// --target auto without an application is that of the device's own, which nobody knows before the
// device is read.
base::Result<> check_options(const FirmwareOptions& options) {
  TRY(something_is_asked(options, "compared"));
  if (options.target != "auto" || !options.user_app.empty()) return {};
  return base::make_error(base::Errc::usage,
                          "--target auto is the release that an application was built for",
                          "name the application with --user-app FILE");
}

int run_verify(Context& context, const FirmwareOptions& options) {
  context.keep_run_log();
  if (const auto fine = check_options(options); !fine) return context.fail(fine.error());
  const auto library = load_library(context, options.folders, options.allow_unknown);
  if (!library) return context.fail(library.error());
  const auto asked = what_is_asked(options);
  if (!asked) return context.fail(asked.error());
  if (const auto refusal = files_missing(*asked, *library)) {
    auto document = report::document();
    document["device"] = nullptr;
    document["target"] = asked->target->text();
    return context.refuse(*refusal, std::move(document));
  }
  const auto chosen = Chosen::find(context, &*library);
  if (!chosen) return context.fail(chosen.error());
  job::Request request;
  request.goal = job::Compare{modules_of(*asked, *library)};
  request.via = job::Via::dfu;
  const events::DeviceReport report = (*chosen)->run(request);
  if (!context.global.json) {
    context.print(report::comparison_text(report, context.style()));
  }
  auto document = report::comparison_json(report, release::Catalogue::embedded());
  document["target"] = asked->target ? nlohmann::ordered_json(asked->target->text()) : nullptr;
  return finish_look(context, report, std::move(document));
}

}  // namespace

Run add_verify(CLI::App& command) {
  auto options = std::make_shared<FirmwareOptions>();
  add_firmware_options(command, *options,
                       {"The release to compare with; auto: the one that the application was\n"
                        "built for",
                        "Also compare with this application; without --target, only it",
                        "Also compare with this bootloader; without --target, only it"});
  return [options](Context& context) { return run_verify(context, *options); };
}

}  // namespace cli
