// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/verify.h"

#include "cli/context.h"
#include "cli/job.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/module_json.h"
#include "report/plan_json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

base::Result<const release::ValidatedRelease*> find_release(const release::Library& library,
                                                            const std::string& text) {
  TRY_ASSIGN(const release::Version version, parse_target(text));
  if (const release::ValidatedRelease* found = library.find(version)) return found;
  return base::make_error(
      base::Errc::bad_file, "target-missing",
      fmt::format("the files of {} are not complete in the firmware folders", version.text()),
      "get them from " + release::release_page(version) + " or name their folder with --firmware");
}

std::string comparison_text(const flash::ModuleComparison& entry, const report::Style& style) {
  if (entry.equal) return report::paint(style, report::Tone::good, "equal, byte for byte");
  return report::paint(style, report::Tone::bad,
                       fmt::format("{} bytes differ, the first at {}", entry.different_bytes,
                                   base::hex32(entry.first_difference)));
}

int run_verify(Context& context, const FirmwareOptions& options) {
  const auto library = load_library(context, options.folders, options.allow_unknown);
  if (!library) return context.fail(library.error());
  const auto release = find_release(*library, options.target);
  if (!release) return context.fail(release.error());
  auto job = Job::start(context, &*library);
  if (!job) return context.fail(job.error());
  const auto device = flash::bring_to_dfu((*job)->bench(), (*job)->device());
  if (!device) return context.fail(device.error());
  const flash::VerifyReport outcome = flash::verify((*job)->bench(), *device, (*release)->parts());

  Json document = report::document();
  document["target"] = (*release)->version().text();
  document["modules"] = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const flash::ModuleComparison& entry : outcome.modules) {
    Json json = report::module_json(entry.module, release::Catalogue::embedded());
    json["equal"] = entry.equal;
    json["first_difference"] =
        entry.equal ? Json(nullptr) : Json(base::hex32(entry.first_difference));
    json["different_bytes"] = entry.different_bytes;
    document["modules"].push_back(std::move(json));
    rows.push_back({platform::describe(entry.module.id()), base::hex32(entry.module.address()),
                    fmt::format("{} bytes", entry.module.image().size()),
                    comparison_text(entry, context.style())});
  }
  document["bytes_read"] = outcome.totals.bytes_read;
  document["seconds"] = outcome.totals.seconds;
  if (!context.global.json) context.print(report::table(rows, 0));
  if (outcome.error) return context.fail(*outcome.error, std::move(document));
  return context.finish(document, report::kDone);
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  auto options = std::make_shared<FirmwareOptions>();
  CLI::App* command =
      add_command(app, "verify", "Read the device back and compare it with a release's files");
  add_firmware_options(*command, *options, true);
  command->callback([&context, options] {
    context.action = [&context, options] { return run_verify(context, *options); };
  });
}

}  // namespace cli
