// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/module_json.h"
#include "report/plan_json.h"

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
      "get them from " + release::release_page(version, release::Catalogue::embedded()) +
          " or name their folder with --firmware");
}

std::string comparison_text(const flash::ModuleComparison& entry, const report::Style& style) {
  if (!entry.compared) return report::paint(style, report::Tone::warning, "not compared");
  if (entry.equal) return report::paint(style, report::Tone::good, "equal, byte for byte");
  return report::paint(style, report::Tone::bad,
                       fmt::format("{}, the first at {}",
                                   entry.different_bytes == 1
                                       ? "1 byte differs"
                                       : fmt::format("{} bytes differ", entry.different_bytes),
                                   base::hex32(entry.first_difference)));
}

void add_comparison(Json& modules, const flash::ModuleComparison& entry) {
  Json json = report::module_json(entry.module, release::Catalogue::embedded());
  const bool differs = entry.compared && !entry.equal;
  json["equal"] = entry.compared ? Json(entry.equal) : Json(nullptr);
  json["first_difference"] = differs ? Json(base::hex32(entry.first_difference)) : Json(nullptr);
  json["different_bytes"] = entry.compared ? Json(entry.different_bytes) : Json(nullptr);
  modules.push_back(std::move(json));
}

// Whoever only compares wants the device as it was. What could not be read is left in DFU mode, for
// the next try.
void let_go(Job& job, flash::VerifyReport& outcome) {
  if (outcome.error && outcome.error->code != base::Errc::verify_mismatch) return;
  const auto left = job.as_found();
  if (!left && !outcome.error) outcome.error = left.error();
}

int run_verify(Context& context, const FirmwareOptions& options) {
  context.keep_run_log();
  const auto library = load_library(context, options.folders, options.allow_unknown);
  if (!library) return context.fail(library.error());
  const auto release = find_release(*library, options.target);
  if (!release) return context.fail(release.error());
  auto job = Job::start(context, &*library);
  if (!job) return context.fail(job.error());
  if (const auto there = (*job)->enter_dfu(); !there) return (*job)->fail(context, there.error());
  flash::VerifyReport outcome =
      flash::verify((*job)->bench(), (*job)->device(), (*release)->parts());
  let_go(**job, outcome);

  Json document = report::document();
  document["target"] = (*release)->version().text();
  const bool compared = outcome.ok() || outcome.error->code == base::Errc::verify_mismatch;
  document["device"] = (*job)->whereabouts(compared);
  document["modules"] = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const flash::ModuleComparison& entry : outcome.modules) {
    add_comparison(document["modules"], entry);
    rows.push_back({platform::describe(entry.module.id()), base::hex32(entry.module.address()),
                    fmt::format("{} bytes", entry.module.image().size()),
                    comparison_text(entry, context.style())});
  }
  document["bytes_read"] = outcome.totals.bytes_read;
  document["seconds"] = outcome.totals.seconds;
  if (!context.global.json) {
    context.print(report::table(rows, 0));
    context.print("device: " + document["device"]["state"].get<std::string>() + "\n");
  }
  if (outcome.error) return (*job)->fail(context, *outcome.error, std::move(document));
  return context.finish(document, report::kDone);
}

}  // namespace

Run add_verify(CLI::App& command) {
  auto options = std::make_shared<FirmwareOptions>();
  add_firmware_options(command, *options, true);
  return [options](Context& context) { return run_verify(context, *options); };
}

}  // namespace cli
