// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/job.h"

#include "base/files.h"
#include "cli/parser.h"
#include "firmware/check.h"
#include "flash/stage.h"
#include "report/device_text.h"
#include "report/document.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

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
  Option target = option(command, "--target", options.target, "The release to bring the device to")
                      .type_name("VERSION");
  if (target_required) target.required();
  option(command, "--firmware", options.folders,
         "Folder with release files; may be given several times\n"
         "(default: ./firmware, then the user's cache folder)")
      .type_name("DIR")
      .repeated();
  flag(command, "--allow-unknown", options.allow_unknown,
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

base::Result<> try_backup_place(const std::string& path) {
  // A little more than the largest job saves.
  constexpr std::uint64_t kRoom = 700 * 1024;
  auto tried = base::make_directories(base::folder_of(path), base::Privacy::owner_only);
  if (tried) tried = base::try_writing(path, kRoom);
  if (tried) return {};
  base::Error error = base::in_context(std::move(tried.error()), "no place for the backup");
  error.hint =
      "make room there, or choose another place by XDG_STATE_HOME, or do without it by "
      "--no-backup; the device has not been touched";
  return error;
}

base::Error told_in_full(base::Error error, const usb::PortPath& port, const std::string& state) {
  const std::string where = usb::to_string(port);
  if (error.message.find(where) == std::string::npos) {
    error = base::in_context(std::move(error), where);
  }
  if (state.empty()) return error;
  if (!error.hint.empty()) error.hint += "; ";
  constexpr std::string_view kIt = "it ";
  error.hint += state.starts_with(kIt) ? "the device " + state.substr(kIt.size()) : state;
  return error;
}

base::Error without_writing(base::Error error) {
  if (error.code == base::Errc::not_back) error.code = base::Errc::timeout;
  return error;
}

Job::Job(discovery::World& world, discovery::Device device, events::Sink& sink,
         const base::CancelToken& cancel)
    : switcher_(std::make_unique<flash::FullSwitcher>()),
      bench_{world, platform::electron(), sink, cancel, *switcher_, flash::default_policy()},
      device_(std::move(device)),
      was_running_(device_.mode != discovery::Mode::dfu) {}

base::Result<> Job::enter_dfu() {
  TRY_ASSIGN(device_, flash::bring_to_dfu(bench_, device_));
  return {};
}

base::Result<> Job::as_found() {
  if (!was_running_) return {};
  TRY_ASSIGN(device_, flash::leave_dfu(bench_, device_));
  return {};
}

nlohmann::ordered_json Job::whereabouts(bool ok) {
  discovery::Device now = device_;
  flash::Whereabouts where = flash::Whereabouts::unknown;
  if (const auto devices = discovery::list(bench_.world, bench_.platform)) {
    const auto here = std::ranges::find(*devices, device_.port(), &discovery::Device::port);
    where = flash::Whereabouts::gone;
    if (here != devices->end()) {
      now = *here;
      where =
          now.mode == discovery::Mode::dfu ? flash::Whereabouts::dfu : flash::Whereabouts::serial;
    }
  }
  if (now.id.empty()) now.id = device_.id;
  nlohmann::ordered_json json = report::device_json(now);
  json["state"] = flash::describe_whereabouts(where, ok);
  return json;
}

int Job::fail(Context& context, const base::Error& error) {
  return fail(context, error, report::document());
}

int Job::fail(Context& context, const base::Error& error, nlohmann::ordered_json document) {
  // A comparison that found a difference went well.
  document["device"] = whereabouts(error.code == base::Errc::verify_mismatch);
  const base::Error told = told_in_full(without_writing(error), device_.port(),
                                        document["device"]["state"].get<std::string>());
  return context.fail(told, std::move(document));
}

base::Result<std::unique_ptr<Job>> Job::start(Context& context, const release::Library* library) {
  context.keep_run_log();
  TRY_ASSIGN(discovery::World * world, context.worlds.world(library));
  TRY_ASSIGN(discovery::Device device, context.worlds.device(library));
  return std::make_unique<Job>(*world, std::move(device), context.console.sink(world->clock),
                               context.cancel());
}

}  // namespace cli
