// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/diagnosis.h"

#include "cli/driver_diagnosis.h"
#include "dfu/dfuse.h"
#include "discovery/port_locks.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

using report::Finding;

constexpr const char* kInstallRule = "sudo electron-rescue udev install --yes";
constexpr const char* kAnotherProgram = "another program";

Finding good(std::string code, std::string message) {
  Finding finding;
  finding.code = std::move(code);
  finding.message = std::move(message);
  return finding;
}

// What mends it: a command to be typed as it stands, or what a person does, or both.
struct Remedy {
  std::string command;
  std::string advice;
};

Finding bad(std::string code, report::ExitCode exit, std::string message, Remedy remedy) {
  if (remedy.command.empty() && remedy.advice.empty()) {
    remedy.command = "electron-rescue report bug.txt";
    remedy.advice = "it packs what is needed to look into this";
  }
  return {std::move(code),          false, std::move(message), std::move(remedy.command),
          std::move(remedy.advice), exit};
}

Finding about_rule(const Computer& computer) {
  if (!computer.has_udev()) {
    return good("udev-rule",
                "no udev runs here, so no rule is needed (in a container the host grants access)");
  }
  const std::string path = computer.installed_rule();
  if (!path.empty()) return good("udev-rule", "the udev rule is installed: " + path);
  return bad("udev-rule-missing", report::kNoPermission,
             "the udev rule is not installed: only root may use an Electron on this computer",
             {kInstallRule, ""});
}

Finding about_modem_manager(const Computer& computer) {
  if (!computer.running("ModemManager"))
    return good("modem-manager", "ModemManager is not running");
  if (!computer.installed_rule().empty()) {
    return good("modem-manager", "ModemManager is running and told to leave Electrons alone");
  }
  return bad("modem-manager-interferes", report::kDeviceError,
             "ModemManager is running and talks to every new serial port, an Electron's too",
             {kInstallRule, ""});
}

// The rule may be there and still not give this user access: it names a group, and a login knows
// the groups of the moment it was made in.
Remedy remedy_for_denied(const Computer& computer) {
  if (computer.system() != os::System::gnu_linux) {
    return {"", std::string(os::advice_for(computer.system()).access)};
  }
  if (!computer.has_udev()) {
    return {"", "whoever runs this system or container must give this user access to the device"};
  }
  if (computer.installed_rule().empty()) return {kInstallRule, ""};
  const std::string join = fmt::format("sudo usermod -aG {} {}", kDeviceGroup, computer.user());
  const std::string after = fmt::format(
      "then log out and in again (in this terminal alone: newgrp {}); whoever sits at the computer "
      "itself needs no group",
      kDeviceGroup);
  switch (computer.membership()) {
    case os::Membership::no_such_group:
      return {fmt::format("sudo groupadd --system {} && {}", kDeviceGroup, join), after};
    case os::Membership::none:
      return {join, after};
    case os::Membership::at_next_login:
      return {
          fmt::format("newgrp {}", kDeviceGroup),
          fmt::format("you are in the group {}, but not in this login: log out and in again for "
                      "every terminal",
                      kDeviceGroup)};
    case os::Membership::now:
      break;
  }
  return {"sudo udevadm trigger --action=add --subsystem-match=usb --subsystem-match=tty --settle",
          "the rule was installed after the device was plugged in; plugging it in again does it, "
          "too"};
}

Remedy remedy_for_busy(const Computer& computer, const std::string& path) {
  if (computer.system() == os::System::windows) {
    return {"", std::string(os::advice_for(computer.system()).busy_port)};
  }
  return {"fuser -v " + path,
          computer.system() == os::System::gnu_linux
              ? "it tells which; end that (ModemManager: sudo systemctl stop ModemManager)"
              : "it tells which; end that"};
}

Finding denied(const Computer& computer, const std::string& what) {
  return bad("access-denied", report::kNoPermission,
             what + " is there, but this user may not open it", remedy_for_denied(computer));
}

Finding in_use(const std::string& where, const std::string& by) {
  return bad("device-busy", report::kDeviceError, fmt::format("{} is in use by {}", where, by),
             {"",
              "wait until it has ended, or end the other program (dfu-util, particle, another "
              "electron-rescue)"});
}

// One device after the other, none that somebody works on.
class LookAtDevice {
 public:
  LookAtDevice(const Computer& computer, discovery::World& world, const discovery::Device& device)
      : computer_(computer),
        world_(world),
        device_(device),
        where_(usb::to_string(device.port())) {}

  Finding run() {
    if (world_.locks != nullptr) {
      if (const auto holder = world_.locks->holder(device_.port())) return in_use(where_, *holder);
    }
    return device_.mode == discovery::Mode::dfu ? in_dfu() : on_serial();
  }

 private:
  Finding in_dfu() {
    // A job holds the port for its whole length, also while nothing of the device is claimed.
    std::unique_ptr<discovery::PortLock> lock;
    if (world_.locks != nullptr) {
      auto taken = world_.locks->take(device_.port(), "doctor");
      if (!taken) return in_use(where_, kAnotherProgram);
      lock = std::move(*taken);
    }
    const auto transport = world_.usb.open(device_.info);
    if (!transport) return trouble(transport.error(), false);
    const auto target =
        dfu::DfuseTarget::open(**transport, world_.clock, 0, platform::electron().dfu_writable, {});
    if (!target) return trouble(target.error(), true);
    return good("device", where_ + " is in DFU mode and answers");
  }

  // Linux says "busy" only when the interface is claimed, other systems when the device is opened.
  Finding trouble(const base::Error& error, bool opened) {
    switch (error.code) {
      case base::Errc::access_denied:
        return denied(computer_, where_);
      case base::Errc::busy:
        return in_use(where_, world_.usb.user_of(device_.info).value_or(kAnotherProgram));
      case base::Errc::device_gone:
        return bad("device-gone", report::kDeviceError,
                   where_ + " left the bus while it was looked at",
                   {"", "ask again in a few seconds, when it has started"});
      default:
        break;
    }
    if (!opened) {
      return bad("device-no-answer", report::kDeviceError,
                 where_ + " cannot be opened: " + error.message,
                 {"", "unplug it and plug it in again"});
    }
    return bad(
        "device-no-answer", report::kDeviceError,
        fmt::format("{} is in DFU mode but does not answer as it should: {}", where_,
                    error.message),
        {"",
         "switch the device off and on (or unplug cable and battery), then hold MODE until the LED "
         "blinks yellow"});
  }

  Finding on_serial() {
    const std::string& path = device_.serial_path;
    if (path.empty()) {
      return bad("no-serial-port", report::kDeviceError,
                 where_ + " is running, but its serial port is not there (yet)",
                 {"", "wait a second and ask again; else press RESET on the device"});
    }
    const auto port = world_.serial.open(path);
    if (port) {
      return good("device", fmt::format("{} is running: its port {} can be opened. Whether its "
                                        "firmware answers was not asked, that would disturb it; "
                                        "`electron-rescue mode listen` asks",
                                        where_, path));
    }
    switch (port.error().code) {
      case base::Errc::access_denied:
        return denied(computer_, path);
      case base::Errc::busy:
        return bad("port-busy", report::kDeviceError, path + " is held by another program",
                   remedy_for_busy(computer_, path));
      default:
        return bad("device-no-answer", report::kDeviceError,
                   path + " cannot be opened: " + port.error().message,
                   {"", "unplug the device and plug it in again"});
    }
  }

  const Computer& computer_;
  discovery::World& world_;
  const discovery::Device& device_;
  std::string where_;
};

// Those that --device means; all of them without it.
base::Result<std::vector<discovery::Device>> devices_meant(discovery::World& world,
                                                           const discovery::Selector& selector) {
  if (selector.text.empty()) return discovery::list(world, platform::electron());
  TRY_ASSIGN(discovery::Device device, discovery::choose(world, platform::electron(), selector));
  return std::vector<discovery::Device>{std::move(device)};
}

bool lacks_driver(const std::vector<os::UsbDriver>& drivers, const discovery::Device& device) {
  const std::string here = usb::to_string(device.port());
  return std::ranges::any_of(drivers, [&](const os::UsbDriver& driver) {
    return driver.usb_port == here && driver_problem(driver).has_value();
  });
}

Finding no_usb(const std::string& what, const base::Error& error) {
  return bad("no-usb", report::kDeviceError, what + error.message, {"", error.hint});
}

}  // namespace

std::vector<Finding> look_at_computer(const Computer& computer) {
  switch (computer.system()) {
    case os::System::gnu_linux:
      break;
    case os::System::windows:
      return look_at_drivers(computer.usb_drivers());
    case os::System::macos:  // nothing claims a device in DFU mode there, and nobody needs a rule
      return {};
  }
  return {about_rule(computer), about_modem_manager(computer)};
}

std::vector<Finding> look_at_devices(const Computer& computer,
                                     const base::Result<discovery::World*>& world,
                                     const discovery::Selector& selector) {
  if (!world) return {no_usb("USB cannot be used: ", world.error())};
  const auto devices = devices_meant(**world, selector);
  if (!devices && !selector.text.empty()) {
    const base::Error& error = devices.error();
    return {bad(error.id, report::exit_code(error.code), error.message, {"", error.hint})};
  }
  if (!devices) return {no_usb("USB cannot be listed: ", devices.error())};
  if (devices->empty()) {
    return {bad("no-device", report::kNoDevice,
                "no Electron is on the bus; a dark or rebooting one shows up only while its "
                "bootloader runs",
                {"",
                 "use a data cable, then hold MODE, press and release RESET, and keep holding MODE "
                 "until the LED blinks yellow"})};
  }
  std::vector<Finding> findings;
  const auto drivers = computer.usb_drivers();
  for (const discovery::Device& device : *devices) {
    // Said before, and without its driver there is nothing to open.
    if (lacks_driver(drivers, device)) continue;
    findings.push_back(LookAtDevice(computer, **world, device).run());
  }
  return findings;
}

}  // namespace cli
