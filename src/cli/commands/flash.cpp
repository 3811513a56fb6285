// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "cli/wall_clock.h"
#include "flash/route.h"
#include "plan/explain.h"
#include "report/exit_code.h"
#include "report/job_report.h"
#include "report/plan_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

// Until a device that was just started has a serial port; at its first start it restarts once more.
constexpr base::Micros kRestart = std::chrono::seconds(60);

struct FlashOptions {
  FirmwareOptions firmware;
  std::string user_app;
  std::string via = "auto";
  std::string from;
  std::string bootloader;
  bool dry_run = false;
  bool no_backup = false;
  bool leave_in_dfu = false;
};

// The images that a job sends besides the release.
struct Extras {
  std::optional<firmware::CheckedModule> application;
  std::vector<firmware::CheckedModule> bootloader;  // one or none
};

base::Result<Extras> load_extras(const FlashOptions& options) {
  Extras extras;
  if (!options.user_app.empty()) {
    TRY_ASSIGN(extras.application, load_application(options.user_app));
  }
  if (!options.bootloader.empty()) {
    TRY_ASSIGN(firmware::CheckedModule image, load_bootloader(options.bootloader));
    extras.bootloader.push_back(std::move(image));
  }
  return extras;
}

base::Result<flash::JobRequest> make_request(const FlashOptions& options,
                                             const release::Library& library,
                                             const Extras& extras) {
  flash::JobRequest request;
  TRY_ASSIGN(request.goal.target, parse_target(options.firmware.target));
  request.goal.library = &library;
  request.goal.leave_in_dfu = options.leave_in_dfu;
  if (!options.from.empty()) {
    TRY_ASSIGN(request.goal.ran_before, ran_before(options.from, library));
  }
  request.goal.user_part = extras.application;
  request.catalogue = &release::Catalogue::embedded();
  request.dry_run = options.dry_run;
  request.made_at = utc_for_people();
  return request;
}

int report_job(Context& context, const flash::DeviceReport& job, const FlashOptions& options) {
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
    base::Error error = job.stages.empty() ? without_writing(*job.error) : *job.error;
    if (options.via == "serial" && job.stages.empty() && job.error->code == base::Errc::not_back) {
      error.hint = "if nothing on it starts, write it over DFU: leave --via serial out";
    }
    return context.fail(told_in_full(std::move(error), job.port, job.device_state),
                        std::move(document));
  }
  return context.finish(document, report::kDone);
}

flash::Via via(const std::string& word) {
  if (word == "dfu") return flash::Via::dfu;
  return word == "serial" ? flash::Via::serial : flash::Via::automatic;
}

// Errors: usage.
base::Result<> check_options(const FlashOptions& options) {
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
void show_plan(Context& context, const plan::Plan& plan) {
  if (context.global.shows_text()) {
    context.note(plan::explain(plan));
  } else if (!context.global.json) {
    for (const plan::Warning& warning : plan.warnings) {
      context.note(fmt::format("warning ({}): {}", warning.code, warning.message));
    }
  }
}

// After the job, to the firmware that runs then: the device is not where the job has found it.
void send_bootloader(Job& job, const std::vector<firmware::CheckedModule>& bootloader,
                     flash::DeviceReport& done) {
  if (bootloader.empty()) return;
  const flash::Surroundings around = job.surroundings();
  const auto device = discovery::wait_for(around.world, around.platform, done.port,
                                          discovery::Want::serial, kRestart, around.cancel);
  if (!device) {
    done.error = base::in_context(device.error(), "sending the bootloader");
    return;
  }
  flash::DeviceReport sent =
      flash::send_by_serial(around, *device, bootloader, flash::attended_serial());
  done.error = sent.error;
  done.whereabouts = sent.whereabouts;
  done.device_state = sent.device_state;
  done.stages.insert(done.stages.end(), sent.stages.begin(), sent.stages.end());
  if (sent.after) done.after = sent.after;
  if (!sent.confirmed_modules.empty()) done.confirmed_modules = sent.confirmed_modules;
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
  auto job = Job::start(context, &*library);
  if (!job) return context.fail(job.error());
  if (!options.no_backup && !options.dry_run) {
    request->backup_path = flash::default_backup_path((*job)->device(), utc_for_names());
    if (options.via != "serial") {
      if (const auto place = try_backup_place(*request->backup_path); !place) {
        return context.fail(place.error());
      }
    }
  }
  request->approve = [&](const plan::Plan& plan, const plan::InstalledState&) {
    if (!options.dry_run) show_plan(context, plan);
    return true;
  };
  flash::DeviceReport done =
      flash::run_job_via(via(options.via), (*job)->bench(), (*job)->device(), *request);
  if (done.ok() && !options.dry_run) send_bootloader(**job, extras->bootloader, done);
  return report_job(context, done, options);
}

}  // namespace

Run add_flash(CLI::App& command) {
  auto options = std::make_shared<FlashOptions>();
  add_firmware_options(command, options->firmware, true);
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
  return [options](Context& context) { return run_flash(context, *options); };
}

}  // namespace cli
