// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/program.h"

#include "base/clock.h"
#include "base/files.h"
#include "cli/streams.h"
#include "electron_sim/address.h"
#include "electron_sim/cloud_program.h"
#include "electron_sim/options.h"
#include "electron_sim/pace.h"
#include "electron_sim/plug_watch.h"
#include "release/catalogue.h"
#include "release/release_set.h"
#include "release/search.h"
#include "report/exit_code.h"
#include "sim/kernel/outlet_linux.h"
#include "sim/kernel/usbip_server_linux.h"
#include "sim/kernel/vhci_linux.h"
#include "sim/world/synthetic_files.h"
#include "sim/world/workbench.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace electron_sim {
namespace {

constexpr int kFastFactor = 10;

class Simulation {
 public:
  Simulation(const SimOptions& options, std::unique_ptr<sim::SimWorld> world);
  base::Result<> attach();
  base::Result<> serve();
  base::Result<> open_log();
  base::Result<> run();
  base::Result<> save_flash() const;

 private:
  base::Result<> turn();
  void tell_connections();
  std::optional<base::Instant> next_event() const;
  base::Result<> wait_and_read();
  base::Result<> read_commands();
  void say(std::string_view line) { streams_.out(fmt::format("{}\n", line)); }

  const SimOptions& options_;
  std::unique_ptr<sim::SimWorld> world_;
  base::RealClock clock_;
  base::CancelToken never_;
  cli::StandardStreams streams_{never_};
  Pace pace_;
  sim::Workbench bench_;
  std::optional<sim::Vhci> vhci_;
  std::vector<sim::Outlet> outlets_;
  std::unique_ptr<sim::UsbipServer> server_;
  PlugWatch plugs_;
  std::optional<base::LineFile> log_;
  std::string unfinished_line_;
  bool input_open_ = true;
};

Simulation::Simulation(const SimOptions& options, std::unique_ptr<sim::SimWorld> world)
    : options_(options),
      world_(std::move(world)),
      pace_(clock_, world_->wire().now(), options.time == "fast" ? kFastFactor : 1),
      bench_(world_->wire(), [this](std::string_view line) { say(line); }) {
  for (std::size_t number = 0; number < world_->size(); ++number) {
    if (options.timing == "worst") {
      world_->board(number).flash().set_timing(sim::worst_timing());
    }
  }
}

base::Result<> Simulation::attach() {
  TRY_ASSIGN(vhci_, sim::Vhci::open());
  const std::vector<int> ports =
      vhci_->free_ports(options_.spread ? sim::PortOrder::spread : sim::PortOrder::lowest);
  if (ports.size() < world_->size()) {
    return base::make_error(
        base::Errc::busy,
        fmt::format("vhci_hcd has {} free ports, {} are needed", ports.size(), world_->size()),
        "another electron-sim or usbip may use them");
  }
  for (std::size_t number = 0; number < world_->size(); ++number) {
    outlets_.emplace_back(*vhci_, ports[number], world_->wire(), number, sim::BusTiming{});
  }
  return {};
}

base::Result<> Simulation::serve() {
  TRY_ASSIGN(const Address address, parse_address(options_.usbip));
  TRY_ASSIGN(server_, sim::UsbipServer::listen(world_->wire(), address.get(), address.size()));
  say(fmt::format("USB/IP at {} port {}", address.shown, server_->port()));
  return {};
}

base::Result<> Simulation::open_log() {
  if (options_.log_file.empty()) return {};
  TRY_ASSIGN(log_, base::LineFile::append(options_.log_file, base::Privacy::owner_only));
  world_->wire().set_observer(
      [this](const sim::TransferRecord& record) { log_->line(sim::to_json_line(record)); });
  return {};
}

base::Result<> Simulation::run() {
  for (std::size_t number = 0; number < world_->size(); ++number) {
    const bool foreign = options_.gadget && number + 1 == world_->size();
    say(foreign ? fmt::format("{}: a DFU device that is no Electron", number + 1)
                : fmt::format("{}: device id {}", number + 1, world_->board(number).device_id()));
  }
  TRY(turn());
  say("ready");
  while (!bench_.quitting()) {
    if (!input_open_ && options_.no_attach && server_ == nullptr && bench_.idle()) break;
    TRY(wait_and_read());
    TRY(turn());
  }
  return {};
}

// Brings everything to the present.
base::Result<> Simulation::turn() {
  world_->wire().advance_to(pace_.world_now());
  for (sim::Outlet& outlet : outlets_) TRY(outlet.follow());
  if (server_ != nullptr) server_->follow();
  bench_.watch();
  tell_connections();
  return {};
}

void Simulation::tell_connections() {
  const auto tell = [this](std::size_t number, std::uint32_t attach, std::string_view way,
                           const std::string& where) {
    for (const Plug plug : plugs_.changes(number, attach)) {
      const bool came = plug == Plug::attached;
      say(fmt::format("{}: {} {} {}", number + 1, came ? "attached" : "detached",
                      came ? way : "from", where));
    }
  };
  for (std::size_t number = 0; server_ != nullptr && number < world_->size(); ++number) {
    tell(number, server_->attached(number) ? 1 : 0, "as", sim::usbip_bus_id(number));
  }
  for (std::size_t number = 0; number < outlets_.size(); ++number) {
    tell(number, outlets_[number].attachment(), "at", usb::to_string(outlets_[number].path()));
  }
}

std::optional<base::Instant> Simulation::next_event() const {
  std::optional<base::Instant> next = world_->wire().next_event();
  for (const sim::Outlet& outlet : outlets_) {
    const auto event = outlet.next_event();
    if (event && (!next || *event < *next)) next = event;
  }
  const auto event = server_ != nullptr ? server_->next_event() : std::nullopt;
  return event && (!next || *event < *next) ? event : next;
}

base::Result<> Simulation::wait_and_read() {
  std::vector<int> descriptors;
  if (input_open_) descriptors.push_back(STDIN_FILENO);
  for (const sim::Outlet& outlet : outlets_) {
    if (outlet.connected()) descriptors.push_back(outlet.descriptor());
  }
  std::vector<int> writable;
  if (server_ != nullptr) server_->add_descriptors(descriptors, writable);
  const auto next = next_event();
  const auto wait = next ? std::optional(pace_.until(*next)) : std::nullopt;
  TRY_ASSIGN(const auto readable, sim::wait_readable(descriptors, wait, writable));
  // The boards' time first: what came in came now, not when the wait began.
  world_->wire().advance_to(pace_.world_now());
  for (const int descriptor : readable) {
    if (descriptor == STDIN_FILENO) TRY(read_commands());
    for (sim::Outlet& outlet : outlets_) {
      if (outlet.descriptor() == descriptor) TRY(outlet.receive());
    }
    if (server_ != nullptr && descriptor != STDIN_FILENO) server_->ready(descriptor);
  }
  return {};
}

base::Result<> Simulation::read_commands() {
  TRY_ASSIGN(const auto bytes, sim::read_some(STDIN_FILENO));
  unfinished_line_ += base::as_text(bytes);
  if (bytes.empty()) {
    input_open_ = false;
    if (!unfinished_line_.empty()) unfinished_line_ += '\n';
  }
  for (auto end = unfinished_line_.find('\n'); end != std::string::npos;
       end = unfinished_line_.find('\n')) {
    const std::string line = unfinished_line_.substr(0, end);
    unfinished_line_.erase(0, end + 1);
    if (line.find_first_not_of(" \t\r") != std::string::npos) bench_.command(line);
  }
  return {};
}

base::Result<> Simulation::save_flash() const {
  if (options_.flash_out.empty()) return {};
  for (std::size_t number = 0; number < world_->size(); ++number) {
    const std::string path = world_->size() == 1
                                 ? options_.flash_out
                                 : fmt::format("{}.{}", options_.flash_out, number + 1);
    const sim::Board& board = world_->board(number);
    TRY(base::write_file(path, board.flash().view(), base::Privacy::owner_only));
  }
  return {};
}

base::Result<> synthesise(const SimOptions& options) {
  const base::CancelToken never;
  cli::StandardStreams streams(never);
  for (const std::string& release : options.synthesise) {
    TRY_ASSIGN(const auto paths, sim::write_synthetic_release(release, options.out));
    for (const std::string& path : paths) streams.out(path + "\n");
  }
  return {};
}

base::Result<> simulate(const SimOptions& options) {
  TRY_ASSIGN(const auto specs, specify(options));
  TRY_ASSIGN(const release::Library library, files_at_hand(options));
  TRY_ASSIGN(auto world,
             sim::SimWorld::make(specs, library, sim::VirtualHost::Enumeration::outside));
  Simulation simulation(options, std::move(world));
  TRY(simulation.open_log());
  if (!options.usbip.empty()) {
    TRY(simulation.serve());
  } else if (!options.no_attach) {
    TRY(simulation.attach());
  }
  TRY(simulation.run());
  return simulation.save_flash();
}

}  // namespace

int run(int argc, char** argv) {
  const base::CancelToken never;
  cli::StandardStreams streams(never);
  SimOptions options;
  CLI::App app("", "electron-sim");
  add_sim_options(app, options);
  app.set_version_flag("--version", ER_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    streams.out(app.help());
    return report::kDone;
  } catch (const CLI::CallForVersion& version) {
    streams.out(fmt::format("{}\n", version.what()));
    return report::kDone;
  } catch (const CLI::ParseError& error) {
    streams.err(
        fmt::format("electron-sim: {}\nelectron-sim --help tells the options\n", error.what()));
    return report::kWrongUsage;
  }
  const base::Result<> result = !options.synthesise.empty() ? synthesise(options)
                                : options.cloud             ? serve_cloud(options)
                                                            : simulate(options);
  if (result) return report::kDone;
  streams.err(fmt::format("electron-sim: {}\n", result.error().message));
  if (!result.error().hint.empty()) {
    streams.err(fmt::format("electron-sim: {}\n", result.error().hint));
  }
  return report::exit_code(result.error().code);
}

}  // namespace electron_sim
