// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "cli/commands.h"
#include "cli/firmware.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "plan/explain.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/job_report.h"
#include "report/plan_json.h"
#include "report/state_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct PlanOptions {
  FirmwareOptions firmware;
  std::string from;
  std::string state;
  std::string medium = "dfu";
};

// What comes of it, and the look at the device that it is for, if it is for one.
struct Planned {
  plan::Outcome outcome;
  std::optional<plan::InstalledState> from;
  std::optional<events::DeviceReport> look;
};

// A device cleanly at `name`. Where no released file of it is known, the files at hand are taken
// for what is installed.
base::Result<plan::InstalledState> at_release(const std::string& name,
                                              const release::Library& library) {
  TRY_ASSIGN(const release::Version version, parse_target(name));
  const platform::Platform& platform = platform::electron();
  const release::CatalogueRelease* known = release::Catalogue::embedded().find(version);
  const release::ValidatedRelease* files = library.find(version);
  if (known == nullptr && files == nullptr) {
    return base::make_error(base::Errc::usage, "unknown-release",
                            fmt::format("no release {} is known", version.text()),
                            "name the release that is on the device, such as 0.4.8-rc.6");
  }
  plan::InstalledState state;
  state.platform = &platform;
  if (known != nullptr) state = plan::state_of(*known, platform);
  state.told = version;
  if (files == nullptr || (known != nullptr && !known->parts.empty())) return state;
  for (const firmware::CheckedModule& part : files->parts()) {
    state = plan::after(std::move(state), part);
  }
  return state;
}

base::Result<plan::InstalledState> from_file(const std::string& path) {
  auto content = base::read_file(path, report::kLargestStateFile);
  if (!content) return base::in_context(std::move(content.error()), "reading the state");
  auto state = report::parse_state_file(base::as_text(*content), platform::electron(),
                                        release::Catalogue::embedded());
  if (!state) return base::in_context(std::move(state.error()), base::printable(path));
  return state;
}

plan::Medium medium_of(std::string_view name) {
  for (const plan::Medium medium : {plan::Medium::serial, plan::Medium::ota}) {
    if (name == plan::name(medium)) return medium;
  }
  return plan::Medium::dfu;
}

base::Result<Planned> make(Context& context, const PlanOptions& options,
                           const release::Library& library, const plan::Request& request) {
  const plan::Medium medium = medium_of(options.medium);
  if (!options.from.empty() || !options.state.empty()) {
    TRY_ASSIGN(const plan::InstalledState state,
               options.from.empty() ? from_file(options.state) : at_release(options.from, library));
    return Planned{
        plan::make_plan(state, request, medium, release::Catalogue::embedded()), state, {}};
  }
  TRY_ASSIGN(const auto chosen, Chosen::find(context, &library));
  rescue::Planned planned = chosen->plan(request, medium);
  if (!planned.outcome) {
    return told_in_full(without_writing(*planned.look.error), planned.look.port,
                        planned.look.device_state);
  }
  return Planned{std::move(*planned.outcome), planned.look.before, std::move(planned.look)};
}

int report_plan(Context& context, const Planned& planned, const Asked& asked) {
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  if (const auto* refusal = std::get_if<plan::Refusal>(&planned.outcome)) {
    auto document = report::document();
    if (planned.look) document["device"] = report::device_in_the_end(*planned.look);
    report::add_wish(document, asked.target, planned.from, catalogue);
    return context.refuse(*refusal, std::move(document));
  }
  const auto& plan = std::get<plan::Plan>(planned.outcome);
  auto document = report::plan_json(plan, catalogue);
  if (planned.look) document["device"] = report::device_in_the_end(*planned.look);
  if (!context.global.json) {
    const std::size_t columns = report::columns_within(context.style(), plan::kWidestText);
    context.print(plan::explain(plan, columns) + "\n");
  }
  return context.finish(document, report::kDone);
}

// Errors: usage.
base::Result<> check_options(const Context& context, const PlanOptions& options) {
  TRY(something_is_asked(options.firmware, "planned"));
  if (context.global.device.empty() || (options.from.empty() && options.state.empty())) return {};
  return base::make_error(base::Errc::usage,
                          "--device names a device to read, --from and --state what to plan for "
                          "without one: they exclude each other",
                          "leave one of them out");
}

int run_plan(Context& context, const PlanOptions& options) {
  if (const auto fine = check_options(context, options); !fine) return context.fail(fine.error());
  const auto library =
      load_library(context, options.firmware.folders, options.firmware.allow_unknown);
  if (!library) return context.fail(library.error());
  const auto asked = what_is_asked(options.firmware);
  if (!asked) return context.fail(asked.error());
  // What cannot be done is said before a device that runs is disturbed.
  if (auto refusal = files_missing(*asked, *library)) {
    return report_plan(context, {std::move(*refusal), {}, {}}, *asked);
  }
  const auto planned = make(context, options, *library, asked->request(*library));
  return planned ? report_plan(context, *planned, *asked) : context.fail(planned.error());
}

}  // namespace

Run add_plan(CLI::App& command) {
  auto options = std::make_shared<PlanOptions>();
  add_firmware_options(command, options->firmware,
                       {"The release to plan for; auto: the one that the application was\n"
                        "built for",
                        "Also write this application; without --target, only it",
                        "Also send this bootloader; without --target, only it"});
  Option from =
      option(command, "--from", options->from, "Plan for a device cleanly at this release");
  from.type_name("VERSION");
  option(command, "--state", options->state, "Plan for the device of this `info --json` file")
      .type_name("FILE")
      .excludes(from);
  option(command, "--medium", options->medium, "How the modules would get there")
      .one_of({"dfu", "serial", "ota"})
      .type_name("dfu|serial|ota");
  return [options](Context& context) { return run_plan(context, *options); };
}

}  // namespace cli
