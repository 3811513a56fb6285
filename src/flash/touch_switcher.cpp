// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/mode_switch.h"

#include <algorithm>
#include <utility>

namespace flash {
namespace {

// The bootloader is there 0.1 to 0.6 s after the touch (released firmware, Linux 6.1).
constexpr base::Micros kHeard = std::chrono::seconds(3);

// No command to any release.
constexpr std::uint32_t kNeutralBaud = 9600;

}  // namespace

base::Result<discovery::Device> TouchSwitcher::to_dfu(discovery::World& world,
                                                      const platform::Platform& platform,
                                                      const discovery::Device& device,
                                                      base::Micros within,
                                                      const base::CancelToken& cancel) {
  const base::Deadline deadline(world.clock, within);
  discovery::Device now = device;
  base::Error last = base::make_error(base::Errc::timeout, "the device has no serial port");
  while (!deadline.passed()) {
    if (now.mode == discovery::Mode::dfu) return now;
    if (!now.serial_path.empty()) {
      auto port = world.serial.open(now.serial_path);
      if (port) {
        // A rate that is set already is not sent to the device again (Linux: cdc-acm.c,
        // acm_tty_set_termios): go by way of another.
        if (const auto other = (*port)->set_baud(kNeutralBaud); !other) last = other.error();
        // The device restarts within the request: an error from it means nothing.
        if (const auto touched = (*port)->set_baud(platform.serial.dfu_baud); !touched) {
          last = touched.error();
        }
      } else {
        last = port.error();
      }
    }
    const base::Micros wait = std::min(kHeard, deadline.left());
    auto there =
        discovery::wait_for(world, platform, device.port(), discovery::Want::dfu, wait, cancel);
    if (there || there.error().code != base::Errc::timeout) return there;
    auto again = discovery::wait_for(world, platform, device.port(), discovery::Want::any,
                                     base::Micros(0), cancel);
    if (again) now = std::move(*again);
  }
  return base::make_error(
      base::Errc::timeout,
      "the device did not go to DFU mode when touched at 14400 baud: " + last.message);
}

}  // namespace flash
