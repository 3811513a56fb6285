// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"

#include "cli/options.h"
#include "cli/version.h"
#include "os/advice.h"

#include <CLI/CLI.hpp>

#include <string>

namespace cli {
namespace {

// Exit codes are part of the interface, so they are in every --help.
constexpr const char* kFooter =
    "Exit codes: 0 done, 2 wrong usage, 3 no device or several, 4 firmware file missing or "
    "invalid,\n"
    "5 refused by the rules, 6 device I/O failed (run the same command again), 7 read-back "
    "differs,\n"
    "8 no permission, 9 written but the device did not come back, 130 interrupted.\n"
    "Manual: ";
constexpr const char* kCommandFooter =
    "Options of every command (--device, --json, --progress, ...): electron-rescue --help";

void add_global_options(CLI::App& app, GlobalOptions& global) {
  app.add_option("--device", global.device,
                 "Which Electron: device id (or 6 and more of its first digits), usb:BUS-PORT,\n"
                 "a serial port's path, or sim:STATE for a virtual one")
      ->type_name("SELECTOR");
  app.add_flag("--json", global.json, "Print one JSON document on stdout and nothing else there");
  app.add_option("--progress", global.progress, "How to show progress (on stderr)")
      ->check(CLI::IsMember({"auto", "bar", "plain", "json", "none"}))
      ->type_name("auto|bar|plain|json|none");
  app.add_option("--color", global.color, "Colours (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("auto|always|never");
  app.add_flag("-v,--verbose", global.verbosity, "Tell more; twice: still more");
  app.add_option("--log-file", global.log_file,
                 "Also write what happens to this file, at its end if it is there")
      ->type_name("FILE");
  app.add_option("--trace", global.trace_file,
                 "Write every USB transfer to this file, a JSON object a line, keys left out")
      ->type_name("FILE");
  app.add_flag("--yes", global.yes, "Do not ask for confirmation");
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> kTable{
      {"list", "Show the Electrons that are connected now", add_list},
      {"info", "Everything one Electron tells: modules, releases, verdict", add_info},
      {"inspect", "Check module files; no device needed", add_inspect},
      {"plan", "What would be done to reach a release, and why; writes nothing", add_plan},
      {"flash", "Bring a device to a release: the main job", add_flash},
      {"verify", "Read the device back and compare it with a release's files", add_verify},
      {"backup", "Save the module regions of a device into one file", add_backup},
      {"restore", "Write a backup's module regions back", add_restore},
      {"mode", "Switch a device to DFU or listening mode, or let it run, and wait for it",
       add_mode},
      {"wait", "Return as soon as an Electron is there", add_wait},
      {"station", "Many devices at once, by slot: records, reports", add_station},
      {"doctor", "Say what stands in the way on this computer, and what mends it", add_doctor},
      {"ota", "The same job over the air, through the vendor's cloud", add_ota},
      {"releases", "The releases that there are for an Electron, newest first", add_releases},
      {"fetch", "Get the files of releases, checked, into the cache", add_fetch},
      {"udev", os::advice().udev, add_udev},
      {"report", "Pack the logs of the last runs into a file, for a bug report", add_report},
      {"completion", "Print a completion for a shell", add_completion},
      {"help", "The help of a command", add_help},
  };
  return kTable;
}

void build_app(CLI::App& app, GlobalOptions& global, Run& chosen) {
  app.description(
      "Brings a Particle Electron back over USB: finds it, reads what is installed, plans,\n"
      "writes, reads every byte back, starts it, and says what happened.");
  app.footer(std::string(kFooter) + std::string(os::advice().manual));
  app.set_version_flag("--version", version_text());
  app.allow_windows_style_options(false);  // "/name" is a file there, too
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  add_global_options(app, global);
  for (const Command& entry : commands()) {
    CLI::App* command = app.add_subcommand(std::string(entry.name), std::string(entry.words));
    // The global options are understood after a command as well.
    command->fallthrough();
    command->footer(kCommandFooter);
    command->callback([&chosen, run = entry.add(*command)] { chosen = run; });
  }
}

}  // namespace cli
