// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "cli/commands/station.h"
#include "cli/commands/station_links.h"
#include "cli/commands/station_view.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "cli/run_log.h"
#include "cli/version.h"
#include "cli/wall_clock.h"
#include "discovery/port_locks.h"
#include "os/advice.h"
#include "os/child.h"
#include "os/computer.h"
#include "records/sqlite_store.h"
#include "report/exit_code.h"
#include "serial/libserialport_port.h"
#include "sim/world/hall.h"
#include "station/door.h"
#include "station/runner.h"
#include "usb/libusb_host.h"
#include "usb/stable_name.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

// Where a station's configuration is looked for.
constexpr const char* kHere = "station.toml";
constexpr const char* kSystem = "/etc/electron-rescue/station.toml";
bool has_system_config() { return os::this_system() != os::System::windows; }

struct RunOptions {
  std::string config;
  std::string target;
  std::string listen;
  bool drain = false;
  std::vector<std::string> sim;  // states of virtual Electrons
};

// A world for one thread, and what it consists of.
struct OwnWorld {
  OwnWorld(std::unique_ptr<usb::Host> host, std::unique_ptr<serial::Ports> serial_ports,
           base::Clock& clock, discovery::PortLocks* locks)
      : usb(std::move(host)), serial(std::move(serial_ports)), world{*usb, *serial, clock, locks} {}
  std::unique_ptr<usb::Host> usb;
  std::unique_ptr<serial::Ports> serial;
  discovery::World world;
};

std::shared_ptr<discovery::World> shared(std::shared_ptr<OwnWorld> own) {
  discovery::World* const world = &own->world;
  return {std::move(own), world};
}

// Where a station's boards are: on this computer, or made up.
class Bench {
 public:
  // Errors: those of the virtual Electrons.
  base::Result<> make(const std::vector<std::string>& sim, const release::Library& library) {
    if (sim.empty()) {
      bus_ = std::make_unique<usb::LibusbBus>();
      locks_ = discovery::make_port_locks();
      return {};
    }
    std::vector<sim::ElectronSpec> specs;
    for (const std::string& state : sim) {
      TRY_ASSIGN(sim::ElectronSpec spec, sim::parse_state(state));
      if (!spec.unique_id) spec.seed += specs.size();
      specs.push_back(std::move(spec));
    }
    TRY_ASSIGN(hall_, sim::Hall::make(specs, library, clock_));
    return {};
  }

  station::WorldMaker world_maker() {
    return [this]() -> std::shared_ptr<discovery::World> {
      if (hall_ != nullptr) {
        return shared(std::make_shared<OwnWorld>(hall_->host(), hall_->ports(), clock_, nullptr));
      }
      return shared(std::make_shared<OwnWorld>(bus_->host(), serial::system_ports(clock_), clock_,
                                               locks_.get()));
    };
  }

  // As the configuration writes it; a virtual one is "sim/1", "sim/2", ….
  std::string port_name(const usb::PortPath& port) const {
    if (hall_ == nullptr) return usb::stable_name(port);
    return fmt::format("sim/{}", port.ports.empty() ? 0 : port.ports.front());
  }

 private:
  base::RealClock clock_;
  std::unique_ptr<usb::LibusbBus> bus_;
  std::unique_ptr<discovery::PortLocks> locks_;
  std::shared_ptr<sim::Hall> hall_;
};

// For the records: the libraries' versions do not belong there.
std::string short_version() {
  const std::string text = version_text();
  return text.substr(0, text.find('\n'));
}

// Virtual boards need no slots to be taught.
void add_virtual_slots(station::Config& config, std::size_t count) {
  if (!config.slots.empty()) return;
  for (std::size_t n = 1; n <= count; ++n) {
    config.slots.push_back({fmt::format("A{}", n), fmt::format("sim/{}", n)});
  }
}

// A hook that is silently left out would let boards pass.
base::Result<> check_hooks(const station::Config& config) {
  if (config.hooks.empty() || os::runs_children()) return {};
  return base::make_error(
      base::Errc::unsupported, "no-hooks",
      fmt::format("a station on {} runs no hooks, and {} has some", os::advice().name,
                  base::printable(config.path)),
      "take the [[hook]] tables out, or run this station on a computer with Linux");
}

base::Result<station::Config> load_config(const RunOptions& options) {
  TRY_ASSIGN(station::Config config, read_station_config(options.config));
  TRY(check_hooks(config));
  if (!options.target.empty()) config.target = options.target;
  if (!options.listen.empty()) config.board.listen = options.listen;
  add_virtual_slots(config, options.sim.size());
  if (config.slots.empty()) {
    return base::make_error(base::Errc::usage, "no-slots", config.path + " has no slots",
                            "teach them by plugging: electron-rescue station slots learn A1 A2 …");
  }
  return config;
}

std::string records_path(const station::Config& config) {
  const std::string& file = config.records.file;
  return file.starts_with('/') ? file : base::join(base::state_directory(), file);
}

base::Result<int> run_prepared(Context& context, const RunOptions& options, Bench& bench,
                               station::Config config, station::Work work) {
  const std::string state = base::state_directory();
  if (state.empty()) {
    return base::make_error(base::Errc::usage, "no-state-folder",
                            "there is no state folder: this user has no home",
                            fmt::format("set {}", os::advice().state_variable));
  }
  TRY_ASSIGN(const auto store,
             records::open_store({records_path(config), config.name, outbox_targets(config)}));
  const std::string backups = base::join(base::join(state, "backups"), config.name);
  TRY(base::make_directories(backups, base::Privacy::owner_only));
  const std::string logs = base::join(default_log_directory(), config.name);
  TRY(base::make_directories(logs, base::Privacy::owner_only));
  const auto reload = [&]() -> base::Result<std::pair<station::Config, station::Work>> {
    TRY_ASSIGN(station::Config fresh, load_config(options));
    TRY_ASSIGN(station::Work fresh_work,
               station::prepare_work(fresh, context.cache_directory(), now_ms()));
    return std::pair(std::move(fresh), std::move(fresh_work));
  };
  const std::string door = station::door_path(state, config.name);
  const std::size_t slots = config.slots.size();
  const station::Config told = config;
  station::Runner runner({.world = bench.world_maker(),
                          .store = *store,
                          .port_name = [&](const usb::PortPath& p) { return bench.port_name(p); },
                          .reload = reload,
                          .backups = backups,
                          .logs = logs,
                          .stamp = utc_for_logs,
                          .tool = short_version(),
                          .user = os::user_name()},
                         std::move(config), std::move(work));
  const auto view = make_station_view(context, slots);
  runner.add(*view);
  auto opened = station::Door::open(door, runner);
  if (!opened && opened.error().code != base::Errc::unsupported) return opened.error();
  if (!opened) context.note(opened.error().message);
  // Goes before the runner does: nobody tells it anything any more.
  TRY_ASSIGN(const std::unique_ptr<StationLinks> links,
             make_links(told, runner, records_path(told)));
  for (station::Listener* listener : links->listeners()) runner.add(*listener);
  if (!links->said().empty()) context.note(links->said());
  using Until = station::Runner::Until;
  TRY(runner.run(options.drain ? Until::settled : Until::stopped, context.cancel()));
  return static_cast<int>(report::kDone);
}

int run_station(Context& context, const RunOptions& options) {
  context.keep_run_log();
  auto config = load_config(options);
  if (!config) return context.fail(config.error());
  auto work = station::prepare_work(*config, context.cache_directory(), now_ms());
  if (!work) return context.fail(work.error());
  Bench bench;
  if (const auto made = bench.make(options.sim, *work->library); !made) {
    return context.fail(made.error());
  }
  const auto code = run_prepared(context, options, bench, std::move(*config), std::move(*work));
  return code ? *code : context.fail(code.error());
}

struct LeadOptions {
  std::string config;
  std::string subject;
};

int run_lead(Context& context, station::Command::What what, const LeadOptions& options) {
  const auto config = read_station_config(options.config);
  if (!config) return context.fail(config.error());
  const auto told = station::knock(station::door_path(base::state_directory(), config->name),
                                   {what, options.subject, os::user_name()});
  if (!told) return context.fail(told.error());
  if (!context.global.json) context.print("done\n");
  return context.finish(station_done_document(what, options.subject), report::kDone);
}

void add_lead_commands(CLI::App& station, const ChosenRun& chosen) {
  using What = station::Command::What;
  auto options = std::make_shared<LeadOptions>();
  const auto add = [&](What what, const char* words, const char* subject) {
    const std::string name(station::name(what));
    CLI::App& below = add_below(station, name, words, [chosen, options, what] {
      *chosen = [options, what](Context& context) { return run_lead(context, what, *options); };
    });
    add_config_option(below, options->config);
    if (*subject == '\0') return;
    option(below, subject, options->subject,
           *subject == 'D' ? "A device, by all 24 digits of its id" : "A slot")
        .required()
        .type_name("");
  };
  add(What::unlock, "End a stop of the running station", "");
  add(What::reload, "Have the running station read its files anew", "");
  add(What::release, "A device that is held may be worked on again", "DEVICE");
  add(What::hold, "A device is not worked on until it is released", "DEVICE");
  add(What::again, "Work on the board in this slot once more", "SLOT");
  add(What::slot_off, "Switch a slot off, when its board is done", "SLOT");
  add(What::slot_on, "Switch a slot on again", "SLOT");
  add(What::drain, "Begin nothing more; the running station ends when its jobs have", "");
}

}  // namespace

base::Result<station::Config> read_station_config(const std::string& named) {
  if (!named.empty()) return station::read_config(named);
  const bool shared = has_system_config();
  if (base::exists(kHere)) return station::read_config(kHere);
  if (shared && base::exists(kSystem)) return station::read_config(kSystem);
  return base::make_error(base::Errc::usage, "no-station-config",
                          shared ? fmt::format("there is neither {} nor {}", kHere, kSystem)
                                 : fmt::format("there is no {} here", kHere),
                          "name it with --config, or make it: electron-rescue station slots learn");
}

void add_config_option(CLI::App& command, std::string& config) {
  option(command, "--config", config,
         has_system_config()
             ? fmt::format("The station's configuration (default: ./{}, then\n{})", kHere, kSystem)
             : fmt::format("The station's configuration (default: ./{})", kHere))
      .type_name("FILE");
}

void add_station_run(CLI::App& station, const ChosenRun& chosen) {
  auto options = std::make_shared<RunOptions>();
  const Run run = [options](Context& context) { return run_station(context, *options); };
  CLI::App& below =
      add_below(station, "run", "Serve the slots: every board that is plugged in (may be left out)",
                [chosen, run] { *chosen = run; });
  add_config_option(below, options->config);
  option(below, "--target", options->target, "The release, instead of the configuration's")
      .type_name("VERSION");
  option(below, "--listen", options->listen,
         "Where its page is, instead of the configuration's; off: none")
      .type_name("ADDRESS:PORT");
  flag(below, "--drain", options->drain, "End when every board that is plugged in has its result");
  option(below, "--sim", options->sim,
         "A virtual Electron in this state (RELEASE, blank or FILE.json);\n"
         "several times for several, in slots sim/1, sim/2, ...")
      .type_name("STATE")
      .repeated();
  add_lead_commands(station, chosen);
}

}  // namespace cli
