// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "cli/wall_clock.h"
#include "report/exit_code.h"
#include "report/job_report.h"
#include "report/look_report.h"
#include "vault/save.h"

#include <fmt/format.h>
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
  const auto chosen = Chosen::find(context, nullptr);
  if (!chosen) return context.fail(chosen.error());
  job::Request request;
  request.goal = job::Save{options.file, options.include_keys};
  request.via = job::Via::dfu;
  request.made_at = utc_for_people();
  const events::DeviceReport report = (*chosen)->run(request);
  if (!context.global.json && report.ok()) {
    context.print(report::saved_text(report, options.file));
    if (report::saved_keys(report)) {
      context.note("The file holds the device's keys: whoever has it can pose as this device.");
    } else if (options.include_keys) {
      context.note("The device has no keys, and so there are none in the file.");
    }
  }
  return finish_look(context, report, report::saved_json(report, options.file));
}

bool approve_other_owner(Context& context, const job::OtherOwner& other) {
  return context.console
      .consent(fmt::format("The backup was made of device {} ({}), and this is {}.\nPut it on this "
                           "device all the same?",
                           other.of, base::printable(other.made_at), other.onto),
               {})
      .has_value();
}

bool approve_broken(Context& context, const plan::Judgement& judgement) {
  return context.console
      .consent(
          fmt::format("With this backup the device will not start: {}.\nPut it back all the same?",
                      judgement.reasons.empty() ? "a part is missing" : judgement.reasons.front()),
          {})
      .has_value();
}

int run_restore(Context& context, const RestoreOptions& options) {
  context.keep_run_log();
  const auto chosen = Chosen::find(context, nullptr);
  if (!chosen) return context.fail(chosen.error());
  job::ToBackup goal;
  goal.path = options.file;
  goal.leave_in_dfu = options.leave_in_dfu;
  goal.approve_owner = [&](const job::OtherOwner& other) {
    return approve_other_owner(context, other);
  };
  goal.approve_state = [&](const plan::Judgement& judgement) {
    return approve_broken(context, judgement);
  };
  job::Request request;
  request.goal = std::move(goal);
  request.via = job::Via::dfu;
  if (!options.no_backup) {
    request.backup_path = vault::default_path((*chosen)->device(), utc_for_names());
  }
  request.made_at = utc_for_people();
  const events::DeviceReport outcome = (*chosen)->run(request);
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
