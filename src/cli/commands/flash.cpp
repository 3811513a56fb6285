// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/firmware.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "cli/waiting.h"
#include "cli/wall_clock.h"
#include "job/job.h"
#include "plan/explain.h"
#include "reach/line.h"
#include "report/device_text.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/job_report.h"
#include "report/plan_json.h"
#include "report/plan_summary.h"
#include "vault/save.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct FlashOptions {
  FirmwareOptions firmware;
  std::string via = "auto";
  std::string from;
  bool dry_run = false;
  bool no_backup = false;
  bool leave_in_dfu = false;
  bool accept_safe_mode = false;
  bool no_wait = false;
};

job::Via via(const std::string& word) {
  if (word == "dfu") return job::Via::dfu;
  return word == "serial" ? job::Via::serial : job::Via::automatic;
}

base::Result<job::Request> make_request(const FlashOptions& options, const Asked& asked,
                                        const release::Library& library) {
  job::ToRelease goal;
  goal.accept_safe_mode = options.accept_safe_mode;
  goal.request = asked.request(library);
  goal.request.leave_in_dfu = options.leave_in_dfu;
  if (!options.from.empty()) {
    TRY_ASSIGN(goal.request.ran_before, ran_before(options.from, library));
  }
  job::Request request;
  request.goal = std::move(goal);
  request.via = via(options.via);
  request.dry_run = options.dry_run;
  request.made_at = utc_for_people();
  return request;
}

int report_job(Context& context, const events::DeviceReport& job, const FlashOptions& options,
               const Asked& asked) {
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  auto document = report::job_json(job, catalogue);
  if (job.refusal) {
    report::add_wish(document, asked.target, job.before, catalogue);
    return context.refuse(*job.refusal, std::move(document));
  }
  if (!context.global.json) {
    if (options.dry_run && job.plan) {
      context.print(
          plan::explain(*job.plan, report::columns_within(context.style(), plan::kWidestText)) +
          "\n");
    } else if (job.before) {
      context.print(report::job_text(job, catalogue, context.style()));
    }
  }
  if (job.error) {
    base::Error error = job.touched() ? *job.error : without_writing(*job.error);
    if (options.via == "serial" && !job.touched() && job.error->code == base::Errc::not_back) {
      error.hint = "if nothing on it starts, write it over DFU: leave --via serial out";
    }
    return context.fail(told_in_full(std::move(error), job.port, job.device_state),
                        std::move(document));
  }
  return context.finish(document, report::kDone);
}

// Errors: usage.
base::Result<> check_options(const FlashOptions& options) {
  TRY(something_is_asked(options.firmware, "written"));
  if (options.leave_in_dfu && !options.firmware.bootloader.empty()) {
    return base::make_error(base::Errc::usage,
                            "--leave-in-dfu and --bootloader exclude each other: it is the running "
                            "firmware that takes a bootloader",
                            "leave one of them out");
  }
  if (options.via != "serial" || !options.leave_in_dfu) return {};
  return base::make_error(base::Errc::usage,
                          "--leave-in-dfu and --via serial exclude each other: a device that "
                          "takes modules over the serial line runs",
                          "leave one of them out");
}

// What somebody should know before anything is written; all of it also stands in the document.
void show_plan(Context& context, const plan::Plan& plan,
               const std::optional<std::string>& backup_path) {
  if (context.global.shows_text()) {
    report::Style style = context.console.error_style();
    if (!context.console.terminal().err_is_terminal) style.width = 0;
    context.note(context.global.verbosity > 0
                     ? plan::explain(plan, report::columns_within(style, plan::kWidestText))
                     : report::plan_summary(plan, backup_path,
                                            job::weight_of(plan, backup_path.has_value()) / 1000,
                                            style));
  } else if (!context.global.json) {
    for (const plan::Warning& warning : plan.warnings) {
      context.note("warning: " + warning.message);
    }
  }
}

// Somebody sits there who can bring it, or press its button: a script is told at once.
bool may_wait(const Context& context, const FlashOptions& options) {
  return !options.no_wait && context.console.terminal().err_is_terminal;
}

// The device, or the one that comes: a board that is dark, or not plugged in.
base::Result<std::unique_ptr<Chosen>> find_or_await(Context& context, const FlashOptions& options,
                                                    const release::Library& library) {
  auto chosen = Chosen::find(context, &library);
  if (chosen || chosen.error().code != base::Errc::no_device || !may_wait(context, options)) {
    return chosen;
  }
  constexpr base::Micros kWithin = std::chrono::minutes(30);
  TRY_ASSIGN(const discovery::World* world, context.worlds.world(&library));
  const std::string message = chosen.error().message.substr(0, chosen.error().message.find('\n'));
  work::Voice voice(context.console.sink(world->clock), "usb");
  voice.person(events::Action::power,
               fmt::format("{}: plug it in, with its battery or another supply; if it stays dark, "
                           "{}. Waiting for it (Ctrl-C ends that)",
                           message, reach::how_to_reach_dfu()),
               kWithin);
  TRY_ASSIGN(const discovery::Device device,
             await_device(
                 context, &library, [](const discovery::Device&) { return true; }, kWithin,
                 chosen.error()));
  context.note(report::device_line(device));
  return Chosen::find(context, &library);
}

int run_flash(Context& context, const FlashOptions& options) {
  context.keep_run_log();
  if (const auto fine = check_options(options); !fine) return context.fail(fine.error());
  const auto library =
      load_library(context, options.firmware.folders, options.firmware.allow_unknown);
  if (!library) return context.fail(library.error());
  const auto asked = what_is_asked(options.firmware);
  if (!asked) return context.fail(asked.error());
  if (const auto refusal = files_missing(*asked, *library)) {
    auto document = report::document();
    report::add_wish(document, asked->target, std::nullopt, release::Catalogue::embedded());
    return context.refuse(*refusal, std::move(document));
  }
  auto request = make_request(options, *asked, *library);
  if (!request) return context.fail(request.error());
  const auto chosen = find_or_await(context, options, *library);
  if (!chosen) return context.fail(chosen.error());
  if (!options.no_backup) {
    request->backup_path = vault::default_path((*chosen)->device(), utc_for_names());
  }
  request->approve = [&](const plan::Plan& plan) {
    if (!options.dry_run) show_plan(context, plan, request->backup_path);
    return true;
  };
  return report_job(context, (*chosen)->run(*request), options, *asked);
}

}  // namespace

Run add_flash(CLI::App& command) {
  auto options = std::make_shared<FlashOptions>();
  add_firmware_options(command, options->firmware,
                       {"The release to bring the device to; auto: the one that the\n"
                        "application was built for",
                        "Also write this application; without --target, only it",
                        "Also send this bootloader, by serial; without --target, only it"});
  option(command, "--via", options->via, "How to send the parts (auto)")
      .one_of({"auto", "dfu", "serial"})
      .type_name("auto|dfu|serial");
  option(command, "--from", options->from, "What ran on the device before, if nothing on it tells")
      .type_name("VERSION");
  flag(command, "--dry-run", options->dry_run, "Read and plan, write nothing");
  flag(command, "--no-backup", options->no_backup, "Do not keep what is overwritten");
  flag(command, "--leave-in-dfu", options->leave_in_dfu, "Do not start the device at the end");
  flag(command, "--no-wait", options->no_wait,
       "On a terminal: do not wait for a device that is not there");
  flag(command, "--accept-safe-mode", options->accept_safe_mode,
       "A device that runs without its application is what is wanted");
  return [options](Context& context) { return run_flash(context, *options); };
}

}  // namespace cli
