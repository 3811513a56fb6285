// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the commands that work on one device have in common.

#include "cli/context.h"
#include "rescue/rescue.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// Options that several commands share: what is to be on the device.
struct FirmwareOptions {
  std::string target;  // a release, or "auto"
  std::vector<std::string> folders;
  bool allow_unknown = false;
  std::string user_app;
  std::string bootloader;
};
// `target`, `user_app` and `bootloader` say in --help what the command does with each.
struct FirmwareWords {
  const char* target;
  const char* user_app;
  const char* bootloader;
};
void add_firmware_options(CLI::App& command, FirmwareOptions& options, const FirmwareWords& words);

// What they come to, the files of the target apart.
struct Asked {
  std::optional<release::Version> target;
  bool target_of_application = false;  // that of the application on the device
  std::optional<firmware::CheckedModule> application;
  std::optional<firmware::CheckedModule> bootloader;

  bool nothing() const { return !target && !target_of_application && !application && !bootloader; }
  plan::Request request(const release::Library& library) const;
};
// Errors: usage; `done` is what is done with it: "written".
base::Result<> something_is_asked(const FirmwareOptions& options, std::string_view done);
// Reads the files that are named. Errors: usage, bad_file, bad_module.
base::Result<Asked> what_is_asked(const FirmwareOptions& options);
// Why the files at hand do not do, if so: said before a device that runs is disturbed.
std::optional<plan::Refusal> files_missing(const Asked& asked, const release::Library& library);

// A release of the catalogue by its whole name, or custom-N. Errors: usage (release/target.h).
base::Result<release::Version> parse_target(const std::string& text);

// What --from of a job names: a release that the catalogue or the files know. Errors: usage.
base::Result<plan::RanBefore> ran_before(const std::string& text, const release::Library& library);

// A file that must hold the one kind of module that the option names, whatever the file's name.
// Errors: bad_file, bad_module (id "wrong-function" for another kind).
base::Result<firmware::CheckedModule> load_application(const std::string& path);
base::Result<firmware::CheckedModule> load_bootloader(const std::string& path);

// An error of a job, with the port where its message does not name it, and with where the device is
// now: what was interrupted or failed left it somewhere. The hint says what to do, and no more.
base::Error told_in_full(base::Error error, const usb::PortPath& port, const std::string& state);

// "Not back" has an exit code of its own for what was written and verified; where nothing was
// written, it is a failure of the device like any other.
base::Error without_writing(base::Error error);

// The device that --device names, and everything that work on it needs; lives as long as the work.
class Chosen {
 public:
  // `library` serves virtual devices; it may be null.
  static base::Result<std::unique_ptr<Chosen>> find(Context& context,
                                                    const release::Library* library);
  Chosen(discovery::World& world, discovery::Device device, events::Sink& sink,
         const base::CancelToken& cancel);

  work::Context work() { return electrons_.work(watch_); }
  const discovery::Device& device() const { return device_; }
  events::DeviceReport run(const job::Request& request) {
    return electrons_.run(device_, request, watch_);
  }
  rescue::Planned plan(const plan::Request& request, plan::Medium medium) {
    return electrons_.plan(device_, request, medium, watch_);
  }

 private:
  rescue::Rescue electrons_;
  rescue::Watch watch_;
  discovery::Device device_;
};

// Ends a command that ran a job without writing: `document` gets the device as it is now.
int finish_look(Context& context, const events::DeviceReport& report,
                nlohmann::ordered_json document);

// The same for one that only asked, without a job.
int fail_to_look(Context& context, const work::Context& work, const usb::PortPath& port,
                 const base::Error& error);

}  // namespace cli
