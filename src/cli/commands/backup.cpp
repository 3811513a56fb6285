// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "cli/wall_clock.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/job_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct BackupOptions {
  std::string file;
  bool include_keys = false;
};

struct RestoreOptions {
  std::string file;
  bool no_backup = false;
  bool leave_in_dfu = false;
};

// Before the device is touched: may the file be written?
base::Result<> check_place(Context& context, const std::string& file) {
  const std::string folder = base::folder_of(file);
  if (!base::is_directory(folder)) {
    return base::make_error(base::Errc::bad_file,
                            fmt::format("there is no folder {}", base::printable(folder)),
                            "make it, or name a file in a folder that is there");
  }
  if (base::exists(file) && !base::is_directory(file)) {
    TRY(context.console.consent(
        fmt::format("{} exists. Replace it?", base::printable(file)),
        base::make_error(base::Errc::usage, "file-exists",
                         fmt::format("{} exists, and was not replaced", base::printable(file)),
                         "name a file that does not exist, or say --yes")));
  }
  constexpr std::uint64_t kRoom = 700 * 1024;
  auto tried = base::try_writing(file, kRoom);
  if (tried) return {};
  tried.error().hint =
      "name a file where you may write and there is room; the device has not been touched";
  return tried;
}

int run_backup(Context& context, const BackupOptions& options) {
  context.keep_run_log();
  if (const auto place = check_place(context, options.file); !place) {
    return context.fail(place.error());
  }
  auto job = Job::start(context, nullptr);
  if (!job) return context.fail(job.error());
  if (const auto there = (*job)->enter_dfu(); !there) return (*job)->fail(context, there.error());
  flash::BackupReport outcome = flash::backup(
      (*job)->bench(), (*job)->device(), {options.file, options.include_keys, utc_for_people()});
  // Whoever only saves wants the device as it was.
  if (outcome.ok()) {
    if (const auto left = (*job)->as_found(); !left) outcome.error = left.error();
  }
  auto document = report::document();
  document["device"] = (*job)->whereabouts(outcome.ok());
  document["file"] = outcome.path;
  document["regions"] = outcome.regions;
  document["keys_included"] = options.include_keys;
  document["bytes_read"] = outcome.totals.bytes_read;
  document["seconds"] = outcome.totals.seconds;
  if (outcome.error) return (*job)->fail(context, *outcome.error, std::move(document));
  if (!context.global.json) {
    context.print(fmt::format("saved {} to {}\ndevice: {}\n", fmt::join(outcome.regions, ", "),
                              base::printable(outcome.path),
                              document["device"]["state"].get<std::string>()));
    if (options.include_keys) {
      context.note("The file holds the device's keys: whoever has it can pose as this device.");
    }
  }
  return context.finish(document, report::kDone);
}

bool approve_other_owner(Context& context, const flash::OtherOwner& other) {
  return context.console
      .consent(fmt::format("The backup was made of device {} ({}), and this is {}.\nPut it on this "
                           "device all the same?",
                           other.of, base::printable(other.made_at), other.onto),
               {})
      .has_value();
}

int run_restore(Context& context, const RestoreOptions& options) {
  auto job = Job::start(context, nullptr);
  if (!job) return context.fail(job.error());
  flash::RestoreRequest request;
  request.path = options.file;
  request.leave_in_dfu = options.leave_in_dfu;
  if (!options.no_backup) {
    request.backup_path = flash::default_backup_path((*job)->device(), utc_for_names());
  }
  request.made_at = utc_for_people();
  request.approve = [&](const flash::OtherOwner& other) {
    return approve_other_owner(context, other);
  };
  const flash::DeviceReport outcome = flash::restore((*job)->bench(), (*job)->device(), request);
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  auto document = report::job_json(outcome, catalogue);
  if (!context.global.json && outcome.before) {
    context.print(report::job_text(outcome, catalogue, context.style()));
  }
  if (outcome.error) {
    return context.fail(told_in_full(*outcome.error, outcome.port, outcome.device_state),
                        std::move(document));
  }
  return context.finish(document, report::kDone);
}

}  // namespace

Run add_backup(CLI::App& command) {
  auto options = std::make_shared<BackupOptions>();
  option(command, "FILE", options->file, "The file to write").required().type_name("");
  flag(command, "--include-keys", options->include_keys,
       "The device's configuration too: keys! The file is then for its owner only");
  return [options](Context& context) { return run_backup(context, *options); };
}

Run add_restore(CLI::App& command) {
  auto options = std::make_shared<RestoreOptions>();
  option(command, "FILE", options->file, "A file that backup or flash made")
      .required()
      .type_name("");
  flag(command, "--no-backup", options->no_backup, "Do not keep what is overwritten");
  flag(command, "--leave-in-dfu", options->leave_in_dfu, "Do not start the device at the end");
  return [options](Context& context) { return run_restore(context, *options); };
}

}  // namespace cli
