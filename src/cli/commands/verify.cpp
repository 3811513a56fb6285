// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/firmware.h"
#include "cli/job.h"
#include "release/search.h"
#include "report/job_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

base::Result<const release::ValidatedRelease*> find_release(const release::Library& library,
                                                            const std::string& text) {
  TRY_ASSIGN(const release::Version version, parse_target(text));
  return release::at_hand(library, version, release::Catalogue::embedded());
}

int run_verify(Context& context, const FirmwareOptions& options) {
  context.keep_run_log();
  const auto library = load_library(context, options.folders, options.allow_unknown);
  if (!library) return context.fail(library.error());
  const auto release = find_release(*library, options.target);
  if (!release) return context.fail(release.error());
  const auto chosen = Chosen::find(context, &*library);
  if (!chosen) return context.fail(chosen.error());
  job::Request request;
  request.goal = job::Compare{(*release)->parts()};
  request.via = job::Via::dfu;
  const events::DeviceReport report = (*chosen)->run(request);
  if (!context.global.json) {
    context.print(report::comparison_text(report, context.style()));
  }
  auto document = report::comparison_json(report, release::Catalogue::embedded());
  document["target"] = (*release)->version().text();
  return finish_look(context, report, std::move(document));
}

}  // namespace

Run add_verify(CLI::App& command) {
  auto options = std::make_shared<FirmwareOptions>();
  add_firmware_options(command, *options, true);
  return [options](Context& context) { return run_verify(context, *options); };
}

}  // namespace cli
