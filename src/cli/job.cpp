// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/job.h"

#include "base/files.h"
#include "cli/parser.h"
#include "firmware/check.h"
#include "reach/leave.h"
#include "release/search.h"
#include "release/target.h"
#include "report/device_text.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/job_report.h"

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

void add_firmware_options(CLI::App& command, FirmwareOptions& options, const FirmwareWords& words) {
  option(command, "--target", options.target, words.target).type_name("VERSION");
  option(command, "--firmware", options.folders,
         "Folder, archive or file with release files; may be given several\n"
         "times (default: ./firmware); the user's cache folder is always\n"
         "searched last")
      .type_name("PATH")
      .repeated();
  option(command, "--user-app", options.user_app, words.user_app).type_name("FILE");
  option(command, "--bootloader", options.bootloader, words.bootloader).type_name("FILE");
  flag(command, "--allow-unknown", options.allow_unknown,
       "Take files whose bytes are not those the vendor released");
}

base::Result<> something_is_asked(const FirmwareOptions& options, std::string_view done) {
  if (!options.target.empty() || !options.user_app.empty() || !options.bootloader.empty()) {
    return {};
  }
  return base::make_error(base::Errc::usage, fmt::format("nothing is said to be {}", done),
                          "add --target VERSION for a release, --user-app FILE for an application "
                          "alone, or --bootloader FILE");
}

base::Result<Asked> what_is_asked(const FirmwareOptions& options) {
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  Asked asked;
  if (!options.user_app.empty()) {
    TRY_ASSIGN(asked.application, load_application(options.user_app));
  }
  if (!options.bootloader.empty()) {
    TRY_ASSIGN(asked.bootloader, load_bootloader(options.bootloader));
    if (!options.allow_unknown) TRY(release::vouched(*asked.bootloader, catalogue));
  }
  if (options.target == "auto") {
    asked.target_of_application = !asked.application.has_value();
    if (asked.application) {
      TRY_ASSIGN(const auto* release, release::release_built_for(*asked.application, catalogue));
      asked.target = release->version;
    }
  } else if (!options.target.empty()) {
    TRY_ASSIGN(asked.target, parse_target(options.target));
  }
  return asked;
}

plan::Request Asked::request(const release::Library& library) const {
  plan::Request request;
  request.target = target;
  request.target_of_application = target_of_application;
  request.library = &library;
  request.user_part = application;
  request.bootloader = bootloader;
  return request;
}

std::optional<plan::Refusal> files_missing(const Asked& asked, const release::Library& library) {
  if (!asked.target || library.find(*asked.target) != nullptr) return std::nullopt;
  return plan::refuse_target(*asked.target, library, release::Catalogue::embedded());
}

base::Result<release::Version> parse_target(const std::string& text) {
  return release::parse_release(text, release::Catalogue::embedded());
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

base::Error told_in_full(base::Error error, const usb::PortPath& port, const std::string& state) {
  const std::string where = usb::to_string(port);
  if (error.message.find(where) == std::string::npos) {
    error = base::in_context(std::move(error), where);
  }
  // That it is in safe mode is the message already.
  if (state.empty() || error.id == "safe-mode") return error;
  constexpr std::string_view kIt = "it ";
  const std::size_t advice = state.find("; ");
  const std::string there = state.substr(0, advice);
  error.message +=
      "; " + (there.starts_with(kIt) ? "the device " + there.substr(kIt.size()) : there);
  if (advice == std::string::npos || error.hint.find("same command") != std::string::npos) {
    return error;
  }
  if (!error.hint.empty()) error.hint += "; ";
  error.hint += state.substr(advice + 2);
  return error;
}

base::Error without_writing(base::Error error) {
  if (error.code == base::Errc::not_back) error.code = base::Errc::timeout;
  return error;
}

Chosen::Chosen(discovery::World& world, discovery::Device device, events::Sink& sink,
               const base::CancelToken& cancel)
    : electrons_(world), watch_{sink, cancel}, device_(std::move(device)) {}

base::Result<std::unique_ptr<Chosen>> Chosen::find(Context& context,
                                                   const release::Library* library) {
  context.keep_run_log();
  TRY_ASSIGN(discovery::World * world, context.worlds.world(library));
  TRY_ASSIGN(discovery::Device device, context.worlds.device(library));
  return std::make_unique<Chosen>(*world, std::move(device), context.console.sink(world->clock),
                                  context.cancel());
}

int finish_look(Context& context, const events::DeviceReport& report,
                nlohmann::ordered_json document) {
  document["device"] = report::device_in_the_end(report);
  if (!report.error) return context.finish(document, report::kDone);
  return context.fail(
      told_in_full(without_writing(*report.error), report.port, report.device_state),
      std::move(document));
}

int fail_to_look(Context& context, const work::Context& work, const usb::PortPath& port,
                 const base::Error& error) {
  events::DeviceReport report;
  report.port = port;
  report.whereabouts = reach::look_for(work, port, false);
  report.error = error;
  report.device_state = events::describe(report.whereabouts, report.error);
  return finish_look(context, report, report::document());
}

}  // namespace cli
