// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/options.h"

#include "base/bytes.h"
#include "base/files.h"
#include "release/catalogue.h"
#include "release/search.h"
#include "sim/world/workbench.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace electron_sim {
namespace {

// Ports of Debian's vhci_hcd: eight controllers of fifteen.
constexpr int kMostBoards = 120;

constexpr const char* kDescription =
    "Virtual Electrons that this computer takes for real ones: lsusb, dfu-util, terminal programs\n"
    "and electron-rescue find them on the bus. They are attached to the kernel's vhci_hcd (Linux;\n"
    "modprobe vhci-hcd), without a network; that needs root.";

constexpr const char* kExamples =
    "Examples:\n"
    "  electron-sim                                   an Electron that runs 2.3.1\n"
    "  electron-sim --state 0.6.4 --mode dfu          one that waits in DFU mode\n"
    "  electron-sim --state blank                     one with nothing in it but a bootloader\n"
    "  electron-sim --boards 3 --log usb.jsonl        three of them; a log of every transfer\n"
    "  electron-sim --synthesise 0.5.5,0.6.4 --out firmware   made-up release files\n"
    "  electron-sim --fault 'at dnload 20: unplug 2s' one with a loose cable\n"
    "  electron-sim --cloud --speed 60                the vendor's cloud on this computer\n"
    "\n"
    "Lines on standard input are hands on the device:\n";

base::Result<sim::UniqueId> parse_id(const std::string& text) {
  const base::Bytes bytes = base::from_hex(text);
  sim::UniqueId id{};
  if (bytes.size() != id.size()) {
    return base::make_error(base::Errc::usage, fmt::format("'{}' is no device id", text),
                            "a device id has 24 hexadecimal digits");
  }
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

sim::ElectronSpec::Mode parse_mode(const std::string& text) {
  using Mode = sim::ElectronSpec::Mode;
  constexpr std::array<std::pair<std::string_view, Mode>, 5> kModes{{{"normal", Mode::normal},
                                                                     {"dfu", Mode::dfu},
                                                                     {"listening", Mode::listening},
                                                                     {"safe", Mode::safe},
                                                                     {"off", Mode::off}}};
  for (const auto& [name, mode] : kModes) {
    if (text == name) return mode;
  }
  return Mode::normal;
}

void add_cloud_options(CLI::App& app, SimOptions& options) {
  app.add_flag("--cloud", options.cloud,
               "No device on the bus: the vendor's cloud with a fleet of virtual Electrons, over\n"
               "HTTP. Needs no rights");
  app.add_option("--listen", options.listen, "--cloud: where; port 0: any that is free")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  app.add_option("--fleet", options.fleet,
                 "--cloud: devices, products, tokens and behaviour, instead of the next three")
      ->type_name("FILE.json");
  app.add_option("--devices", options.devices, "--cloud: how many")
      ->check(CLI::Range(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--releases", options.releases, "--cloud: what they run, in turn")
      ->delimiter(',')
      ->type_name("RELEASE,…")
      ->default_str("0.5.3,0.6.2,1.5.2");
  app.add_option("--needs", options.needs,
                 "--cloud: their application needs this release; below it they are in safe mode")
      ->type_name("RELEASE")
      ->capture_default_str();
  app.add_option("--fail", options.failures,
                 "--cloud: something that goes wrong: docs/electron-sim.md has the words")
      ->type_name("FAILURE");
  app.add_option("--token", options.token, "--cloud: an access token, besides the fleet's")
      ->type_name("TOKEN");
  app.add_option("--speed", options.speed, "--cloud: so many times as fast as our time")
      ->check(CLI::Range(1, 1000))
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void add_sim_options(CLI::App& app, SimOptions& options) {
  app.description(kDescription);
  app.footer(kExamples + std::string(sim::bench_help()));
  app.get_formatter()->column_width(34);
  app.add_option("--state", options.state,
                 "What is in its flash: a release (0.4.8-rc.6 … 2.3.1), blank, or a JSON file")
      ->type_name("RELEASE|blank|FILE.json")
      ->capture_default_str();
  app.add_option("--mode", options.mode, "What it is doing at the start")
      ->check(CLI::IsMember({"normal", "dfu", "listening", "safe", "off"}))
      ->type_name("normal|dfu|listening|safe|off")
      ->capture_default_str();
  app.add_option("--bootloader", options.bootloader,
                 "Bootloader version (6, 11, 400, 1006 …); default: the release's own")
      ->type_name("N");
  app.add_option("--id", options.ids, "Device id; once for each board")->type_name("HEX");
  app.add_option("--boards", options.boards, "How many Electrons")
      ->check(CLI::Range(1, kMostBoards))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of everything not said: ids, made-up contents")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--firmware", options.firmware,
                 "Take the release's modules from here where they are (default: ./firmware, then\n"
                 "the user's cache); others are made up")
      ->type_name("DIR");
  app.add_option("--flash-in", options.flash_in,
                 "An image of the whole flash (1 MiB), over --state")
      ->type_name("FILE");
  app.add_option("--flash-out", options.flash_out,
                 "Write the whole flash there at the end (several boards: FILE.1, FILE.2 …)")
      ->type_name("FILE");
  app.add_option("--fault", options.faults,
                 "Something that goes wrong: docs/electron-sim.md has the words")
      ->type_name("SCRIPT");
  app.add_option("--time", options.time, "fast: the device's time runs ten times as fast as ours")
      ->check(CLI::IsMember({"real", "fast"}))
      ->type_name("real|fast")
      ->capture_default_str();
  app.add_option("--timing", options.timing, "How long erasing and programming take (datasheet)")
      ->check(CLI::IsMember({"typical", "worst"}))
      ->type_name("typical|worst")
      ->capture_default_str();
  app.add_option("--log", options.log_file, "Every transfer, as a JSON object a line")
      ->type_name("FILE");
  app.add_flag(
      "--gadget", options.gadget,
      "Also a DFU device that is no Electron (0483:df11), as the last board; its LED turns\n"
      "red when somebody tries to change it");
  app.add_option("--synthesise", options.synthesise,
                 "No device: write made-up release files with the versions, sizes and\n"
                 "dependencies of the real ones, for --allow-unknown")
      ->delimiter(',')
      ->type_name("RELEASE,…");
  app.add_option("--out", options.out, "Folder for --synthesise")
      ->type_name("DIR")
      ->capture_default_str();
  add_cloud_options(app, options);
  app.add_option(
         "--usbip", options.usbip,
         "Serve the boards over USB/IP instead, for another computer to attach: usbip\n"
         "attach -r HOST -b 1-1. No passwords: listen on 127.0.0.1 unless the network is yours")
      ->type_name("ADDRESS:PORT");
  app.add_flag(
      "--spread", options.spread,
      "A root hub for each board, as far as there are hubs, as on a bench with many hubs:\n"
      "the kernel finds the boards of one hub one after the other");
  app.add_flag("--no-attach", options.no_attach,
               "Do not attach to the kernel: only the commands on standard input work. Needs no\n"
               "rights");
}

base::Result<release::Library> files_at_hand(const SimOptions& options) {
  release::SearchRequest request;
  request.given = options.firmware;
  request.cache = base::cache_directory();
  request.allow_unknown = true;
  return release::search(request, platform::electron(), release::Catalogue::embedded());
}

base::Result<sim::cloud::Options> specify_cloud(const SimOptions& options) {
  constexpr std::uint64_t kLargestFleet = std::uint64_t{4} << 20U;
  sim::cloud::Options cloud;
  if (options.fleet.empty()) {
    TRY_ASSIGN(cloud, sim::cloud::make_fleet(options.releases, options.devices, options.needs));
  } else {
    TRY_ASSIGN(const base::Bytes text, base::read_file(options.fleet, kLargestFleet));
    TRY_ASSIGN(cloud, base::in_context(sim::cloud::parse_fleet(base::as_text(text)),
                                       base::printable(options.fleet)));
  }
  for (const std::string& text : options.failures) {
    TRY_ASSIGN(const sim::cloud::Failure failure, sim::cloud::parse_failure(text));
    cloud.failures.push_back(failure);
  }
  if (!options.token.empty()) cloud.tokens.insert(cloud.tokens.begin(), {options.token, {}, {}});
  return cloud;
}

base::Result<std::vector<sim::ElectronSpec>> specify(const SimOptions& options) {
  if (options.ids.size() > static_cast<std::size_t>(options.boards)) {
    return base::make_error(base::Errc::usage, "more --id than boards", "say --boards N");
  }
  TRY_ASSIGN(sim::ElectronSpec common, sim::parse_state(options.state));
  if (!options.bootloader.empty()) common.bootloader = options.bootloader;
  if (options.mode != "normal") common.mode = parse_mode(options.mode);
  if (!options.flash_in.empty()) common.flash_image = options.flash_in;
  std::string script;
  for (const std::string& fault : options.faults) script += fault + "\n";
  TRY_ASSIGN(auto faults, sim::parse_faults(script));
  common.faults.insert(common.faults.end(), faults.begin(), faults.end());

  std::vector<sim::ElectronSpec> specs;
  for (std::size_t number = 0; number < static_cast<std::size_t>(options.boards); ++number) {
    sim::ElectronSpec spec = common;
    spec.seed = options.seed + number;
    if (number < options.ids.size()) {
      TRY_ASSIGN(spec.unique_id, parse_id(options.ids[number]));
    } else if (number > 0) {
      spec.unique_id.reset();  // a state file's id is the first board's
    }
    specs.push_back(std::move(spec));
  }
  if (options.gadget) {
    sim::ElectronSpec gadget;
    gadget.foreign = true;
    specs.push_back(std::move(gadget));
  }
  return specs;
}

}  // namespace electron_sim
