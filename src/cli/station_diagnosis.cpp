// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/station_diagnosis.h"

#include "base/bytes.h"
#include "base/files.h"
#include "cli/commands/station.h"
#include "os/child.h"
#include "os/computer.h"
#include "report/style.h"
#include "station/recipe.h"
#include "usb/port_facts.h"
#include "usb/sysfs_devices.h"

#include <fmt/format.h>

#include <map>

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
  const auto folder = usb::sysfs_devices_folder();
  if (config.slots.empty() || !folder) {
    findings.push_back({"station-slots", false,
                        config.slots.empty() ? "no slots are taught"
                                             : "this system does not tell of its USB ports",
                        "electron-rescue station slots learn A1", "a board is plugged into each",
                        report::kWrongUsage});
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
  if (os::clock_is_synchronised())
    return station_good("station-clock", "the clock is synchronised");
  return bad("station-clock", report::kDeviceError,
             base::make_error(base::Errc::unsupported,
                              "the clock follows nobody: times in the records are unsure",
                              "let a service for the time run: timedatectl set-ntp true"));
}

void about_hooks(const station::Config& config, std::vector<report::Finding>& findings) {
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
  return findings;
}

}  // namespace cli
