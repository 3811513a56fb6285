// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/driver_diagnosis.h"

#include "base/ascii.h"
#include "platform/electron_history.h"
#include "platform/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cli {
namespace {

using report::Finding;

// Device Manager's codes, as Microsoft numbers them (cfg.h: CM_PROB_...).
constexpr int kNotConfigured = 1;
constexpr int kNeedsRestart = 14;
constexpr int kDisabled = 22;
constexpr int kNoDriver = 28;
constexpr int kSpeaksNoUsb = 43;
constexpr int kNotSigned = 52;

// Drivers that the tool works with. libusb goes over each of the first three alike.
constexpr std::array<std::string_view, 3> kForDfu = {"winusb", "libusbk", "libusb0"};
constexpr std::array<std::string_view, 2> kForSerial = {"usbser", "usbccgp"};

Finding bad(std::string code, report::ExitCode exit, std::string message, std::string advice) {
  return {std::move(code), false, std::move(message), "", std::move(advice), exit};
}

bool is_dfu(const os::UsbDriver& driver) {
  return driver.product == platform::electron().usb.dfu_product;
}

bool is_old(const os::UsbDriver& driver) { return driver.revision < platform::kBcdSince060; }

std::string where(const os::UsbDriver& driver) {
  return driver.usb_port.empty() ? std::string("a USB port") : driver.usb_port;
}

Finding without_driver(const os::UsbDriver& driver) {
  if (is_old(driver) && is_dfu(driver)) {
    return bad(
        "no-driver", report::kNoPermission,
        fmt::format("an Electron in DFU mode is on {}, and Windows has no driver for bootloaders "
                    "before 0.6.0",
                    where(driver)),
        "once per computer: get Zadig (zadig.akeo.ie) and start it while the LED blinks yellow; "
        "Options, List All Devices; choose the device with USB ID 2B04 D00A (it calls itself "
        "Photon "
        "DFU Mode or Electron DFU Mode); driver WinUSB; Install Driver, which may take minutes; "
        "then run doctor again");
  }
  if (is_old(driver)) {
    return bad(
        "no-driver", report::kNoPermission,
        fmt::format("an Electron is running on {}, and Windows has no driver for system firmware "
                    "before 0.6.0",
                    where(driver)),
        "bring it to DFU mode with its buttons (hold MODE, press and release RESET, keep MODE "
        "until "
        "the LED blinks yellow): then only the WinUSB driver is needed. Or once per computer: "
        "Zadig (zadig.akeo.ie), Options, List All Devices, USB ID 2B04 C00A, driver USB Serial "
        "(CDC), Install Driver");
  }
  return bad("no-driver", report::kNoPermission,
             fmt::format("Windows has given the Electron on {} no driver{}", where(driver),
                         driver.problem == 0 ? std::string()
                                             : fmt::format(" (problem code {})", driver.problem)),
             fmt::format(
                 "it may still be installing: wait half a minute and run doctor again. Else it has "
                 "kept an old answer: Device Manager, uninstall the device, plug it in again; and "
                 "if that does not help, delete the registry key "
                 "HKLM\\SYSTEM\\CurrentControlSet\\Control\\usbflags\\2B04{:04X}{:04X}",
                 driver.product, driver.revision));
}

std::optional<Finding> by_code(const os::UsbDriver& driver) {
  switch (driver.problem) {
    case 0:
      return std::nullopt;
    case kNotConfigured:
    case kNoDriver:
      return without_driver(driver);
    case kNeedsRestart:
      return bad("driver-waits", report::kDeviceError,
                 fmt::format("the driver of the device on {} waits for a restart of Windows",
                             where(driver)),
                 "restart the computer");
    case kDisabled:
      return bad("device-disabled", report::kNoPermission,
                 fmt::format("the device on {} is disabled", where(driver)),
                 "Device Manager: right click on it, Enable device");
    case kSpeaksNoUsb:
      return bad(
          "speaks-no-usb", report::kDeviceError,
          fmt::format("something on {} does not speak USB (problem code 43): perhaps an Electron "
                      "with a bad cable",
                      where(driver)),
          "try another cable, another port, no hub; press RESET on the device");
    case kNotSigned:
      return bad("driver-not-signed", report::kNoPermission,
                 fmt::format("Windows refuses the driver of the device on {}: its signature "
                             "does not count",
                             where(driver)),
                 "Zadig (zadig.akeo.ie): replace the driver with WinUSB; where the company "
                 "forbids that, use a computer with Linux");
    default:
      return bad("driver-problem", report::kDeviceError,
                 fmt::format("Windows reports problem code {} for the device on {}", driver.problem,
                             where(driver)),
                 "Device Manager tells what it means; uninstalling the device there and "
                 "plugging it in again often helps");
  }
}

std::optional<Finding> by_service(const os::UsbDriver& driver) {
  if (driver.service.empty()) return without_driver(driver);
  const std::string service = base::lower(driver.service);
  const bool fits = is_dfu(driver) ? std::ranges::count(kForDfu, service) != 0
                                   : std::ranges::count(kForSerial, service) != 0;
  if (fits) return std::nullopt;
  return bad("wrong-driver", report::kNoPermission,
             fmt::format("the Electron on {} has the driver {}, which electron-rescue cannot use",
                         where(driver), driver.service),
             is_dfu(driver)
                 ? "Zadig (zadig.akeo.ie): Options, List All Devices, USB ID 2B04 D00A, driver "
                   "WinUSB, Replace Driver"
                 : "Device Manager: uninstall the device together with its driver, then plug it "
                   "in again");
}

}  // namespace

std::optional<Finding> driver_problem(const os::UsbDriver& driver) {
  const auto& ids = platform::electron().usb;
  const bool electron = driver.vendor == ids.vendor &&
                        (driver.product == ids.dfu_product || driver.product == ids.serial_product);
  // What speaks no USB has no name: it may be one.
  if (!electron && driver.problem != kSpeaksNoUsb) return std::nullopt;
  if (auto found = by_code(driver)) return found;
  return by_service(driver);
}

std::vector<Finding> look_at_drivers(const std::vector<os::UsbDriver>& drivers) {
  std::vector<Finding> findings;
  for (const os::UsbDriver& driver : drivers) {
    if (auto found = driver_problem(driver)) findings.push_back(std::move(*found));
  }
  const auto old = std::ranges::count_if(drivers, [](const os::UsbDriver& driver) {
    return driver.vendor == platform::electron().usb.vendor && is_old(driver);
  });
  if (old > 1) {
    findings.push_back(
        bad("same-serial-strings", report::kDeviceError,
            fmt::format(
                "{} Electrons from before 0.6.0 are connected: they look the same to Windows", old),
            "connect one at a time; or set IgnoreHWSerNum once per computer, as docs/windows.md "
            "shows"));
  }
  if (findings.empty()) {
    Finding fine;
    fine.code = "usb-driver";
    fine.message = "no driver is missing for what is connected";
    findings.push_back(std::move(fine));
  }
  return findings;
}

}  // namespace cli
