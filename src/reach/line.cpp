// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/line.h"

#include "base/files.h"

#include <fmt/format.h>

#include <utility>

namespace reach {
namespace {

using base::Errc;

// A program that looks at every new port, such as ModemManager, may be at it for a moment.
constexpr base::Micros kBusy = std::chrono::seconds(2);
// ModemManager lets go of a port that is no modem after some ten seconds.
constexpr base::Micros kModemManager = std::chrono::seconds(12);
constexpr base::Micros kDenied = std::chrono::seconds(2);
constexpr base::Micros kAgain = std::chrono::milliseconds(100);

// How long a port that is held is worth waiting for.
base::Micros worth_waiting(Errc code) {
  if (code == Errc::access_denied) return kDenied;
  if (code != Errc::busy) return base::Micros(0);
  return base::process_is_running("ModemManager") ? kModemManager : kBusy;
}

}  // namespace

base::Result<std::unique_ptr<serial::Port>> open_line(const work::Context& context,
                                                      const discovery::Device& device) {
  if (device.serial_path.empty()) {
    return base::make_error(
        Errc::timeout,
        fmt::format("the Electron on {} has no serial port", usb::to_string(device.port())),
        "`electron-rescue doctor` tells what stands in the way");
  }
  const base::Instant start = context.world.clock.now();
  while (true) {
    auto port = context.world.serial.open(device.serial_path);
    if (port) return port;
    if (context.world.clock.now() - start >= worth_waiting(port.error().code)) return port;
    if (context.cancel.requested()) return base::make_error(Errc::cancelled, "interrupted");
    context.world.clock.sleep(kAgain, context.cancel);
  }
}

base::Error another_device(const usb::PortPath& port, const std::string& before,
                           const std::string& now) {
  return base::make_error(
      Errc::no_device, "another-device",
      fmt::format("the Electron that is now on {} is {}, not {}", usb::to_string(port),
                  now.empty() ? "one with an older bootloader" : now, before),
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

std::string how_to_reach_dfu() {
  return "hold MODE, press and release RESET, keep holding MODE until the LED blinks yellow "
         "(about 3 seconds), then let go of MODE";
}

}  // namespace reach
