// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/firmware.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "cli/wall_clock.h"
#include "plan/explain.h"
#include "release/search.h"
#include "release/target.h"
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
  std::string user_app;
  std::string via = "auto";
  std::string from;
  std::string bootloader;
  bool dry_run = false;
  bool no_backup = false;
  bool leave_in_dfu = false;
  bool accept_safe_mode = false;
};

job::Via via(const std::string& word) {
  if (word == "dfu") return job::Via::dfu;
  return word == "serial" ? job::Via::serial : job::Via::automatic;
}

// The images that a job sends besides the release.
struct Extras {
  std::optional<firmware::CheckedModule> application;
  std::optional<firmware::CheckedModule> bootloader;
};

base::Result<Extras> load_extras(const FlashOptions& options) {
  Extras extras;
  if (!options.user_app.empty()) {
    TRY_ASSIGN(extras.application, load_application(options.user_app));
  }
  if (!options.bootloader.empty()) {
    TRY_ASSIGN(extras.bootloader, load_bootloader(options.bootloader));
    if (!options.firmware.allow_unknown) {
      TRY(release::vouched(*extras.bootloader, release::Catalogue::embedded()));
    }
  }
  return extras;
}

// Errors: usage.
base::Result<release::Version> target_of(const FlashOptions& options, const Extras& extras) {
  if (options.firmware.target != "auto") return parse_target(options.firmware.target);
  if (!extras.application) {
    return base::make_error(base::Errc::usage,
                            "--target auto is the release that an application was built for",
                            "name the application with --user-app FILE");
  }
  TRY_ASSIGN(const release::CatalogueRelease* release,
             release::release_built_for(*extras.application, release::Catalogue::embedded()));
  return release->version;
}

base::Result<job::Request> make_request(const FlashOptions& options,
                                        const release::Library& library, const Extras& extras) {
  job::ToRelease goal;
  goal.accept_safe_mode = options.accept_safe_mode;
  if (!options.firmware.target.empty()) {
    TRY_ASSIGN(goal.request.target, target_of(options, extras));
    // What cannot be done is said before a device that runs is disturbed.
    TRY(release::at_hand(library, *goal.request.target, release::Catalogue::embedded()));
  }
  goal.request.library = &library;
  goal.request.leave_in_dfu = options.leave_in_dfu;
  if (!options.from.empty()) {
    TRY_ASSIGN(goal.request.ran_before, ran_before(options.from, library));
  }
  goal.request.user_part = extras.application;
  goal.request.bootloader = extras.bootloader;
  job::Request request;
  request.goal = std::move(goal);
  request.via = via(options.via);
  request.dry_run = options.dry_run;
  request.made_at = utc_for_people();
  return request;
}

int report_job(Context& context, const events::DeviceReport& job, const FlashOptions& options) {
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  auto document = report::job_json(job, catalogue);
  if (job.refusal) {
    return context.refuse(*job.refusal, std::move(document));
  }
  if (!context.global.json) {
    if (options.dry_run && job.plan) {
      context.print(plan::explain(*job.plan) + "\n");
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
  if (options.firmware.target.empty() && options.user_app.empty() && options.bootloader.empty()) {
    return base::make_error(base::Errc::usage, "nothing is said to be written",
                            "add --target VERSION for a release, --user-app FILE for an "
                            "application alone, or --bootloader FILE");
  }
  if (options.leave_in_dfu && !options.bootloader.empty()) {
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
    context.note(context.global.verbosity > 0 ? plan::explain(plan)
                                              : report::plan_summary(plan, backup_path));
  } else if (!context.global.json) {
    for (const plan::Warning& warning : plan.warnings) {
      context.note(fmt::format("warning ({}): {}", warning.code, warning.message));
    }
  }
}

int run_flash(Context& context, const FlashOptions& options) {
  context.keep_run_log();
  if (const auto fine = check_options(options); !fine) return context.fail(fine.error());
  const auto library =
      load_library(context, options.firmware.folders, options.firmware.allow_unknown);
  if (!library) return context.fail(library.error());
  const auto extras = load_extras(options);
  if (!extras) return context.fail(extras.error());
  auto request = make_request(options, *library, *extras);
  if (!request) return context.fail(request.error());
  const auto chosen = Chosen::find(context, &*library);
  if (!chosen) return context.fail(chosen.error());
  if (!options.no_backup) {
    request->backup_path = vault::default_path((*chosen)->device(), utc_for_names());
  }
  request->approve = [&](const plan::Plan& plan) {
    if (!options.dry_run) show_plan(context, plan, request->backup_path);
    return true;
  };
  return report_job(context, (*chosen)->run(*request), options);
}

}  // namespace

Run add_flash(CLI::App& command) {
  auto options = std::make_shared<FlashOptions>();
  add_firmware_options(command, options->firmware, false);
  option(command, "--user-app", options->user_app, "Also write this application").type_name("FILE");
  option(command, "--via", options->via, "How to send the parts (auto)")
      .one_of({"auto", "dfu", "serial"})
      .type_name("auto|dfu|serial");
  option(command, "--from", options->from, "What ran on the device before, if nothing on it tells")
      .type_name("VERSION");
  option(command, "--bootloader", options->bootloader,
         "Afterwards send this bootloader image by serial")
      .type_name("FILE");
  flag(command, "--dry-run", options->dry_run, "Read and plan, write nothing");
  flag(command, "--no-backup", options->no_backup, "Do not keep what is overwritten");
  flag(command, "--leave-in-dfu", options->leave_in_dfu, "Do not start the device at the end");
  flag(command, "--accept-safe-mode", options->accept_safe_mode,
       "A device that runs without its application is what is wanted");
  return [options](Context& context) { return run_flash(context, *options); };
}

}  // namespace cli
