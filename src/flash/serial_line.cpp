// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/serial_line.h"

#include <fmt/format.h>

#include <utility>

namespace flash {
namespace {

using base::Errc;

// ModemManager lets go of a port that is no modem after some ten seconds.
constexpr base::Micros kBusy = std::chrono::seconds(12);
constexpr base::Micros kDenied = std::chrono::seconds(2);
constexpr base::Micros kAgain = std::chrono::milliseconds(250);

}  // namespace

base::Result<std::unique_ptr<serial::Port>> open_line(const Surroundings& around,
                                                      const discovery::Device& device) {
  if (device.serial_path.empty()) {
    return base::make_error(
        Errc::timeout,
        fmt::format("the Electron on {} has no serial port", usb::to_string(device.port())),
        "`electron-rescue doctor` tells what stands in the way");
  }
  const base::Deadline busy(around.world.clock, kBusy);
  const base::Deadline denied(around.world.clock, kDenied);
  while (true) {
    auto port = around.world.serial.open(device.serial_path);
    if (port) return port;
    const Errc code = port.error().code;
    const bool worth_while =
        (code == Errc::busy && !busy.passed()) || (code == Errc::access_denied && !denied.passed());
    if (!worth_while) return port;
    if (around.cancel.requested()) return base::make_error(Errc::cancelled, "interrupted");
    around.world.clock.sleep(kAgain, around.cancel);
  }
}

base::Error another_device(const usb::PortPath& port, const std::string& before,
                           const std::string& now) {
  return base::make_error(Errc::no_device, "another-device",
                          fmt::format("the Electron that is now on {} is {}, not {}",
                                      usb::to_string(port), now, before),
                          "plug the right device in again and run the same command again");
}

base::Result<discovery::Device> same_device(const discovery::Device& before,
                                            discovery::Device now) {
  if (discovery::different_device(before, now)) {
    return another_device(now.port(), before.id, now.id);
  }
  if (now.id.empty()) now.id = before.id;
  return now;
}

}  // namespace flash
