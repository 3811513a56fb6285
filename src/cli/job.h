// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the commands that work on one device have in common.

#include "cli/context.h"
#include "flash/job.h"
#include "flash/switching.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// Options that several commands share.
struct FirmwareOptions {
  std::string target;
  std::vector<std::string> folders;
  bool allow_unknown = false;
};
void add_firmware_options(CLI::App& command, FirmwareOptions& options, bool target_required);

// Errors: usage (no version at all).
base::Result<release::Version> parse_target(const std::string& text);

// What --from of a job names: a release that the catalogue or the files know. Errors: usage.
base::Result<plan::RanBefore> ran_before(const std::string& text, const release::Library& library);

// A file that must hold the one kind of module that the option names, whatever the file's name.
// Errors: bad_file, bad_module (id "wrong-function" for another kind).
base::Result<firmware::CheckedModule> load_application(const std::string& path);
base::Result<firmware::CheckedModule> load_bootloader(const std::string& path);

// Before the device is touched: can a backup be written there? Makes the folder. Errors: bad_file.
base::Result<> try_backup_place(const std::string& path);

// An error of a job, with the port where its message does not name it, and with where the device is
// now: what was interrupted or failed left it somewhere.
base::Error told_in_full(base::Error error, const usb::PortPath& port, const std::string& state);

// "Not back" has an exit code of its own for what was written and verified; where nothing was
// written, it is a failure of the device like any other.
base::Error without_writing(base::Error error);

// One device and everything a job on it needs; lives as long as the job.
class Job {
 public:
  // Finds the device that --device names. `library` serves virtual devices; it may be null.
  static base::Result<std::unique_ptr<Job>> start(Context& context,
                                                  const release::Library* library);

  Job(discovery::World& world, discovery::Device device, events::Sink& sink,
      const base::CancelToken& cancel);

  flash::Bench& bench() { return bench_; }
  flash::Surroundings surroundings() {
    return {bench_.world, bench_.platform, bench_.sink, bench_.cancel};
  }
  // For a look only: takes the device to DFU mode, and afterwards lets one that ran run again.
  base::Result<> enter_dfu();
  base::Result<> as_found();
  // As it is on its port now, and in words: {"id", "mode", …, "state"}.
  nlohmann::ordered_json whereabouts(bool ok);
  // Ends a command that failed, told in full.
  int fail(Context& context, const base::Error& error);
  int fail(Context& context, const base::Error& error, nlohmann::ordered_json document);

  const discovery::Device& device() const { return device_; }
  discovery::World& world() { return bench_.world; }

 private:
  std::unique_ptr<flash::ModeSwitcher> switcher_;
  flash::Bench bench_;
  discovery::Device device_;
  bool was_running_;
};

}  // namespace cli
