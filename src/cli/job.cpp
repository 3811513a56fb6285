// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/job.h"

#include "firmware/check.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace cli {
namespace {

base::Result<firmware::CheckedModule> load_only(const std::string& path, platform::ModuleId wanted,
                                                std::string_view no_such_thing, std::string hint) {
  TRY_ASSIGN(firmware::CheckedModule image, firmware::load(path, platform::electron()));
  if (image.id() == wanted) return image;
  return base::make_error(base::Errc::bad_module, "wrong-function",
                          fmt::format("{} is {} but {}", base::printable(path), no_such_thing,
                                      platform::describe(image.id())),
                          std::move(hint));
}

}  // namespace

void add_firmware_options(CLI::App& command, FirmwareOptions& options, bool target_required) {
  CLI::Option* target =
      command.add_option("--target", options.target, "The release to bring the device to")
          ->type_name("VERSION");
  if (target_required) target->required();
  command
      .add_option("--firmware", options.folders,
                  "Folder with release files; may be given several times\n"
                  "(default: ./firmware, then the user's cache folder)")
      ->type_name("DIR")
      ->take_all();
  command.add_flag("--allow-unknown", options.allow_unknown,
                   "Take files whose bytes are not those the vendor released");
}

base::Result<release::Version> parse_target(const std::string& text) {
  release::Version version;
  if (!release::Version::parse(text, version)) {
    return base::make_error(base::Errc::usage,
                            fmt::format("{} is not a release name", base::printable(text)),
                            "name a release such as 2.3.1 or 0.4.8-rc.6");
  }
  return version;
}

base::Result<plan::RanBefore> ran_before(const std::string& text, const release::Library& library) {
  TRY_ASSIGN(const release::Version version, parse_target(text));
  if (const release::ValidatedRelease* files = library.find(version)) {
    return plan::RanBefore{version, files->module_version()};
  }
  const release::CatalogueRelease* known = release::Catalogue::embedded().find(version);
  if (known != nullptr && known->module_version) {
    return plan::RanBefore{version, *known->module_version};
  }
  return base::make_error(base::Errc::usage, "unknown-release",
                          fmt::format("no release {} is known", version.text()),
                          "name with --from the release that ran on the device before, such as "
                          "0.4.8-rc.6; leave it out if you do not know");
}

base::Result<firmware::CheckedModule> load_application(const std::string& path) {
  return load_only(path, platform::kUserPart, "no application",
                   "name an application built for the Electron; system parts are taken from the "
                   "folders that --firmware names");
}

base::Result<firmware::CheckedModule> load_bootloader(const std::string& path) {
  return load_only(path, platform::kBootloader, "no bootloader",
                   "name an electron-bootloader file");
}

Job::Job(discovery::World& world, discovery::Device device, events::Sink& sink,
         const base::CancelToken& cancel)
    : switcher_(std::make_unique<flash::FullSwitcher>()),
      bench_{world, platform::electron(), sink, cancel, *switcher_, flash::default_policy()},
      device_(std::move(device)) {}

base::Result<std::unique_ptr<Job>> Job::start(Context& context, const release::Library* library) {
  context.keep_run_log();
  TRY_ASSIGN(discovery::World * world, context.world(library));
  TRY_ASSIGN(discovery::Device device, context.device(library));
  TRY_ASSIGN(events::Sink * sink, context.sink(world->clock));
  return std::make_unique<Job>(*world, std::move(device), *sink, context.cancel());
}

}  // namespace cli
