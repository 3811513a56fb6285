// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/station_diagnosis.h"

#include "base/bytes.h"
#include "base/files.h"
#include "board/server.h"
#include "cli/commands/station.h"
#include "cli/commands/station_links.h"
#include "mqtt/client.h"
#include "os/advice.h"
#include "os/child.h"
#include "os/computer.h"
#include "os/local_line.h"
#include "report/exit_code.h"
#include "report/style.h"
#include "station/door.h"
#include "station/recipe.h"
#include "usb/port_facts.h"
#include "usb/sysfs_devices.h"

#include <fmt/format.h>

#include <future>
#include <map>
#include <mutex>

namespace cli {

std::vector<SlotFinding> look_at_slots(const station::Config& config, const std::string& folder) {
  // The bandwidth of one translator is that of 8 boards at work; station-facts.md, 3.2.
  constexpr int kBoardsOfATranslator = 8;
  constexpr int kDeepest = 5;  // USB 2.0, 4.1.1
  // A running Electron needs four of the endpoints that a controller has; some stop at 32 devices.
  constexpr int kBoardsOfAController = 26;
  std::vector<SlotFinding> findings;
  std::map<std::string, int> on_hub;
  std::map<std::string, int> on_controller;
  for (const station::SlotConfig& slot : config.slots) {
    const auto facts = usb::port_facts(folder, slot.port);
    if (!facts) {
      findings.push_back({slot.name, "no-port-name", slot.port + " names no port", true});
      continue;
    }
    if (!facts->controller_here) {
      findings.push_back({slot.name, "controller-gone", "its controller is not here", true});
      continue;
    }
    if (!facts->port_here) {
      findings.push_back({slot.name, "port-gone",
                          fmt::format("hub {} is not there, or has no such port", facts->hub),
                          true});
      continue;
    }
    if (facts->depth > kDeepest) {
      findings.push_back(
          {slot.name, "too-deep",
           fmt::format("{} hubs lie before it; {} are allowed", facts->depth, kDeepest), true});
    }
    const bool first = on_hub[facts->hub]++ == 0;
    if (first && facts->may_sleep && facts->depth > 0) {
      findings.push_back(
          {slot.name, "hub-may-sleep",
           fmt::format("the kernel may suspend hub {}: write on to its power/control", facts->hub),
           false});
    }
    if (facts->translators == usb::Translators::one &&
        on_hub[facts->hub] == kBoardsOfATranslator + 1) {
      findings.push_back({slot.name, "translator-shared",
                          fmt::format("more than {} boards share the one translator of hub {}: it "
                                      "works, and takes longer",
                                      kBoardsOfATranslator, facts->hub),
                          false});
    }
    const std::string controller = slot.port.substr(0, slot.port.rfind('/'));
    if (++on_controller[controller] == kBoardsOfAController + 1) {
      findings.push_back(
          {slot.name, "controller-full",
           fmt::format("more than {} slots on {}: many controllers stop at 32 devices, "
                       "hubs included",
                       kBoardsOfAController, controller),
           false});
    }
  }
  return findings;
}

namespace {

report::Finding station_good(std::string code, std::string message) {
  report::Finding finding;
  finding.code = std::move(code);
  finding.message = std::move(message);
  return finding;
}

report::Finding not_looked_at(std::string code, const char* what) {
  return station_good(std::move(code),
                      fmt::format("{} is not looked at on {}", what, os::advice().name));
}

report::Finding bad(std::string code, report::ExitCode exit, const base::Error& error) {
  return {std::move(code), false, error.message, "", error.hint, exit};
}

report::Finding about_files(const station::Config& config, const std::string& cache) {
  const auto work = station::prepare_work(config, cache, now_ms());
  if (!work) return bad("station-files", report::kBadFile, work.error());
  return station_good("station-files", fmt::format("all {} files of {} are there; recipe {}",
                                                   work->recipe.files.size(), work->recipe.target,
                                                   work->recipe.id.substr(0, 12)));
}

void about_slots(const station::Config& config, std::vector<report::Finding>& findings) {
  if (config.slots.empty()) {
    findings.push_back({"station-slots", false, "no slots are taught",
                        "electron-rescue station slots learn A1", "a board is plugged into each",
                        report::kWrongUsage});
    return;
  }
  const auto folder = usb::sysfs_devices_folder();
  if (!folder) {
    findings.push_back(not_looked_at("station-slots", "what the slots' ports are like"));
    return;
  }
  bool all = true;
  for (const SlotFinding& slot : look_at_slots(config, *folder)) {
    if (!slot.bad) continue;
    all = false;
    findings.push_back({"station-slot-gone", false, slot.slot + ": " + slot.text,
                        "electron-rescue station slots check", "look at the hubs and their power",
                        report::kNoDevice});
  }
  if (all) {
    findings.push_back(
        station_good("station-slots", fmt::format("{} slots, all there", config.slots.size())));
  }
}

void about_records(const station::Config& config, std::vector<report::Finding>& findings) {
  const std::string& file = config.records.file;
  const std::string path = base::join(base::state_directory(), file);
  if (!base::exists(path)) {
    findings.push_back(station_good("station-records", "no records yet: the station makes them"));
  } else if (const auto opened = open_records(path, records::Access::read); !opened) {
    findings.push_back(bad("station-records", report::kBadFile, opened.error()));
  } else {
    findings.push_back(station_good("station-records", "the records can be read: " + path));
  }
  const auto free = base::free_space(base::state_directory());
  if (!free) return;
  if (*free >= config.records.min_free) {
    findings.push_back(station_good("station-disk", report::human_bytes(*free) + " are free"));
    return;
  }
  findings.push_back(
      {"station-disk", false,
       fmt::format("only {} are free, and nothing starts below {}", report::human_bytes(*free),
                   report::human_bytes(config.records.min_free)),
       "electron-rescue station db prune --before 90d", "or make room elsewhere",
       report::kBadFile});
}

report::Finding about_clock() {
  const auto told = os::clock_is_synchronised();
  if (!told) return not_looked_at("station-clock", "whether the clock follows anybody");
  if (*told) return station_good("station-clock", "the clock is synchronised");
  return bad("station-clock", report::kDeviceError,
             base::make_error(base::Errc::unsupported,
                              "the clock follows nobody: times in the records are unsure",
                              "let a service for the time run: timedatectl set-ntp true"));
}

void about_hooks(const station::Config& config, std::vector<report::Finding>& findings) {
  if (!config.hooks.empty() && !os::runs_children()) {
    findings.push_back(
        {"station-hook", false, fmt::format("a station on {} runs no hooks", os::advice().name), "",
         "take the [[hook]] tables out, or run this station on a computer with Linux",
         report::kBadFile});
    return;
  }
  for (const station::HookConfig& hook : config.hooks) {
    const std::string program = base::printable(hook.run.front());
    if (os::can_run(hook.run.front())) {
      findings.push_back(station_good("station-hook", program + " can be run"));
    } else {
      findings.push_back({"station-hook", false, program + " cannot be run", "",
                          "is it there, and is it executable for this user?", report::kBadFile});
    }
  }
}

// Whether a station of this configuration runs here: it answers at its door.
bool runs_here(const station::Config& config) {
  constexpr std::chrono::milliseconds kPatience{2000};
  const std::string door = station::door_path(base::state_directory(), config.name);
  return os::ask_line(door, "{}", kPatience).has_value();
}

void about_board(const station::Config& config, std::vector<report::Finding>& findings) {
  if (config.board.listen == "off") return;
  if (runs_here(config)) {
    findings.push_back(station_good("station-listen", "the station runs, and has its port"));
    return;
  }
  base::RealClock clock;
  board::Feed feed(clock);
  board::ServerOptions options;
  options.listen = config.board.listen;
  const auto token = read_token(config.folder, config.board.token_file);
  if (!token) {
    findings.push_back(bad("station-listen", report::kBadFile, token.error()));
    return;
  }
  options.token = *token;
  if (const auto served = board::serve(options, feed, {}, nullptr)) {
    findings.push_back(station_good("station-listen", config.board.listen + " is free"));
  } else {
    findings.push_back(
        bad("station-listen", report::exit_code(served.error().code), served.error()));
  }
}

void about_server(const station::Config& config, std::vector<report::Finding>& findings) {
  if (config.records.forward.empty()) return;
  const auto server = open_records(config.records.forward, records::Access::read);
  if (server) {
    findings.push_back(station_good(
        "station-server", shown_records(config.records.forward) + " answers and has its tables"));
  } else {
    findings.push_back(
        bad("station-server", report::exit_code(server.error().code), server.error()));
  }
}

// Errors: those of the broker's address and of the password's file; device_gone, where it does not
// answer or lets nobody in.
base::Result<> reach_broker(const station::Config& config) {
  mqtt::ClientOptions options;
  TRY_ASSIGN(options.broker, broker_of(config));
  // The station's own name would throw a running one out.
  options.id = fmt::format("er-doctor-{:x}", now_ms());
  std::promise<void> connected;
  std::once_flag once;
  options.on_connected = [&] { std::call_once(once, [&] { connected.set_value(); }); };
  auto answered = connected.get_future();
  TRY_ASSIGN(const std::unique_ptr<mqtt::Client> client, mqtt::connect(std::move(options)));
  constexpr std::chrono::seconds kPatience{5};
  if (answered.wait_for(kPatience) == std::future_status::ready) return {};
  return base::make_error(base::Errc::device_gone, "broker-unreachable",
                          fmt::format("{} does not answer, or does not let this station in",
                                      base::printable(config.mqtt.url)),
                          "is it running, and are user and password right?");
}

void about_broker(const station::Config& config, std::vector<report::Finding>& findings) {
  if (config.mqtt.url.empty()) return;
  if (const auto reached = reach_broker(config); !reached) {
    findings.push_back(
        bad("station-broker", report::exit_code(reached.error().code), reached.error()));
  } else {
    findings.push_back(
        station_good("station-broker", base::printable(config.mqtt.url) + " answers"));
  }
}

}  // namespace

std::vector<report::Finding> look_at_station(const std::string& named, const std::string& cache) {
  std::vector<report::Finding> findings;
  const auto config = read_station_config(named);
  if (!config) {
    findings.push_back(bad("station-config", report::kWrongUsage, config.error()));
    return findings;
  }
  findings.push_back(station_good("station-config", config->path + " is in order"));
  findings.push_back(about_files(*config, cache));
  about_slots(*config, findings);
  about_records(*config, findings);
  findings.push_back(about_clock());
  about_hooks(*config, findings);
  about_board(*config, findings);
  about_server(*config, findings);
  about_broker(*config, findings);
  return findings;
}

}  // namespace cli
