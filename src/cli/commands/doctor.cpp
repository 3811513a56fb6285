// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "dfu/dfuse.h"
#include "discovery/port_locks.h"
#include "report/device_text.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

// One thing that was looked at.
struct Finding {
  std::string code;  // stable, kebab-case
  bool good = true;
  std::string message;
  std::string command;  // what mends it; empty if good
  report::ExitCode exit = report::kDone;
};

Finding about_rule(const Computer& computer) {
  if (!computer.has_udev())
    return {"udev-rule", true,
            "no udev runs here, so no rule is needed (in a container the host grants access)", "",
            report::kDone};
  const std::string path = computer.installed_rule();
  if (!path.empty())
    return {"udev-rule", true, "the udev rule is installed: " + path, "", report::kDone};
  return {"udev-rule-missing", false,
          "the udev rule is not installed: only root may use an Electron on this computer",
          "sudo electron-rescue udev install --yes", report::kNoPermission};
}

Finding about_modem_manager(const Computer& computer) {
  if (!computer.running("ModemManager")) {
    return {"modem-manager", true, "ModemManager is not running", "", report::kDone};
  }
  if (!computer.installed_rule().empty()) {
    return {"modem-manager", true, "ModemManager is running and told to leave Electrons alone", "",
            report::kDone};
  }
  return {"modem-manager-interferes", false,
          "ModemManager is running and talks to every new serial port, an Electron's too",
          "sudo electron-rescue udev install --yes", report::kDeviceError};
}

Finding in_use(const std::string& where, const std::string& by) {
  return {"device-busy", false, fmt::format("{} is in use by {}", where, by),
          "wait until it has ended, or end the other program (dfu-util, particle, another "
          "electron-rescue)",
          report::kDeviceError};
}

// Linux says "busy" only when the interface is claimed, other systems when the device is opened.
Finding about_trouble(discovery::World& world, const discovery::Device& device,
                      const base::Error& error, bool opened) {
  const std::string where = usb::to_string(device.port());
  if (error.code == base::Errc::access_denied) {
    return {"no-permission", false, where + " is there, but this user may not open it",
            "sudo electron-rescue udev install --yes", report::kNoPermission};
  }
  if (error.code == base::Errc::busy) {
    return in_use(where, world.usb.user_of(device.info).value_or("another program"));
  }
  if (error.code == base::Errc::device_gone) {
    return {"device-gone", false, where + " left the bus while it was looked at",
            "ask again in a few seconds, when it has started", report::kDeviceError};
  }
  if (!opened) {
    return {"device-no-answer", false, where + " cannot be opened: " + error.message,
            "unplug it and plug it in again", report::kDeviceError};
  }
  return {
      "device-no-answer", false,
      fmt::format("{} is in DFU mode but does not answer as it should: {}", where, error.message),
      "switch the device off and on (or unplug cable and battery), then hold MODE until the LED "
      "blinks yellow",
      report::kDeviceError};
}

Finding about_dfu(discovery::World& world, const discovery::Device& device) {
  const std::string where = usb::to_string(device.port());
  // A job holds the port for its whole length, also while nothing of the device is claimed.
  std::unique_ptr<discovery::PortLock> lock;
  if (world.locks != nullptr) {
    if (const auto holder = world.locks->holder(device.port())) return in_use(where, *holder);
    auto taken = world.locks->take(device.port(), "doctor");
    if (!taken) return in_use(where, "another program");
    lock = std::move(*taken);
  }
  const auto transport = world.usb.open(device.info);
  if (!transport) return about_trouble(world, device, transport.error(), false);
  const auto target =
      dfu::DfuseTarget::open(**transport, world.clock, 0, platform::electron().dfu_writable, {});
  if (!target) return about_trouble(world, device, target.error(), true);
  return {"device", true, where + " is in DFU mode and answers", "", report::kDone};
}

Finding about_serial(discovery::World& world, const discovery::Device& device) {
  const std::string where = usb::to_string(device.port());
  if (world.locks != nullptr) {
    if (const auto holder = world.locks->holder(device.port())) return in_use(where, *holder);
  }
  if (device.serial_path.empty()) {
    return {"no-serial-port", false, where + " is running, but its serial port is not there (yet)",
            "wait a second and ask again; else press RESET on the device", report::kDeviceError};
  }
  auto port = world.serial.open(device.serial_path);
  if (port) {
    return {
        "device", true,
        fmt::format("{} is running: its port {} can be opened. Whether its firmware answers was "
                    "not asked, that would disturb it; `electron-rescue mode listen` asks",
                    where, device.serial_path),
        "", report::kDone};
  }
  switch (port.error().code) {
    case base::Errc::access_denied:
      return {"no-permission", false,
              device.serial_path + " is there, but this user may not open it",
              "sudo electron-rescue udev install --yes", report::kNoPermission};
    case base::Errc::busy:
      return {"port-busy", false, device.serial_path + " is held by another program",
              fmt::format("fuser -v {} tells which; end it (for ModemManager: sudo systemctl stop "
                          "ModemManager)",
                          device.serial_path),
              report::kDeviceError};
    default:
      return {"device-no-answer", false,
              device.serial_path + " cannot be opened: " + port.error().message,
              "unplug the device and plug it in again", report::kDeviceError};
  }
}

// Those that --device means; all of them without it.
base::Result<std::vector<discovery::Device>> devices_meant(discovery::World& world,
                                                           const discovery::Selector& selector) {
  if (selector.text.empty()) return discovery::list(world, platform::electron());
  TRY_ASSIGN(discovery::Device device, discovery::choose(world, platform::electron(), selector));
  return std::vector<discovery::Device>{std::move(device)};
}

Finding about_absence(const base::Error& error) {
  return {error.id, false, error.message, error.hint, report::exit_code(error.code)};
}

std::vector<Finding> about_devices(Context& context, const discovery::Selector& selector) {
  const auto world = context.worlds.world(nullptr);
  if (!world) {
    return {{"no-usb", false, "USB cannot be used: " + world.error().message, world.error().hint,
             report::kDeviceError}};
  }
  const auto devices = devices_meant(**world, selector);
  if (!devices && !selector.text.empty()) return {about_absence(devices.error())};
  if (!devices) {
    return {{"no-usb", false, "USB cannot be listed: " + devices.error().message,
             devices.error().hint, report::kDeviceError}};
  }
  if (devices->empty()) {
    return {{"no-device", false,
             "no Electron is on the bus; a dark or rebooting one shows up only while its "
             "bootloader runs",
             "use a data cable, then hold MODE, press and release RESET, and keep holding MODE "
             "until the LED blinks yellow",
             report::kNoDevice}};
  }
  std::vector<Finding> findings;
  for (const discovery::Device& device : *devices) {
    findings.push_back(device.mode == discovery::Mode::dfu ? about_dfu(**world, device)
                                                           : about_serial(**world, device));
  }
  return findings;
}

std::string text(const std::vector<Finding>& findings, const report::Style& style) {
  std::string result;
  for (const Finding& finding : findings) {
    const std::string mark = finding.good ? report::paint(style, report::Tone::good, "ok     ")
                                          : report::paint(style, report::Tone::bad, "problem");
    result += fmt::format("{}  {}\n", mark, report::wrap(finding.message, 70, 9));
    if (!finding.good)
      result += fmt::format("         mend it: {}\n", report::wrap(finding.command, 70, 18));
  }
  return result;
}

int run_doctor(Context& context) {
  const auto selector = context.worlds.selector();
  if (!selector) return context.fail(selector.error());
  std::vector<Finding> findings;
  if (!context.global.simulated()) {
    findings.push_back(about_rule(context.computer()));
    findings.push_back(about_modem_manager(context.computer()));
  }
  for (Finding& finding : about_devices(context, *selector)) findings.push_back(std::move(finding));

  auto document = report::document();
  document["findings"] = nlohmann::ordered_json::array();
  const Finding* worst = nullptr;
  for (const Finding& finding : findings) {
    document["findings"].push_back({{"code", finding.code},
                                    {"ok", finding.good},
                                    {"message", finding.message},
                                    {"command", finding.command}});
    // Without permission nothing else can be told, so it comes before everything.
    if (!finding.good && (worst == nullptr || finding.exit == report::kNoPermission))
      worst = &finding;
  }
  if (!context.global.json) context.print(text(findings, context.style()));
  if (worst == nullptr) return context.finish(document, report::kDone);
  const std::string hint = worst->command.empty()
                               ? "electron-rescue report FILE packs what is needed to look into it"
                               : worst->command;
  report::add_error(document, {base::Errc::unsupported, worst->code, worst->message, hint});
  return context.finish(document, worst->exit);
}

}  // namespace

Run add_doctor(CLI::App& /*command*/) { return run_doctor; }

}  // namespace cli
