// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/leave.h"

#include "reach/line.h"
#include "reach/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reach {
namespace {

using discovery::Device;
using discovery::Mode;
using discovery::Want;

constexpr int kLeaves = 3;
// A device that was told to start is back within 3 s, 5 s at a first start (observed).
constexpr base::Micros kStarts = std::chrono::seconds(10);

base::Error not_back(const std::string& message) {
  return base::make_error(base::Errc::not_back, message,
                          "press RESET and look at the LED; if it does not come up: " +
                              how_to_reach_dfu() + ", then run the same command again");
}

// Errors: the transport's. A device that is gone has left.
base::Result<> leave(work::Voice& voice, medium::Session& session) {
  for (int tries = 1;; ++tries) {
    const auto left = session.target().leave();
    if (left || left.error().code == base::Errc::device_gone) return {};
    if (tries == kLeaves) return left.error();
    voice.retry({"leaving DFU mode", left.error().message, tries + 1, kLeaves});
    const auto opened = session.reopen();
    if (!opened && opened.error().code == base::Errc::device_gone) return {};
    TRY(opened);
  }
}

base::Result<Device> wait_for_return(const work::Context& context, const usb::DeviceInfo& before,
                                     base::Micros within, const base::CancelToken& cancel) {
  auto back = discovery::wait_for_return(context.world, context.platform, before, Want::any, within,
                                         cancel);
  if (back || back.error().code != base::Errc::timeout) return back;
  // Never gone at all?
  return discovery::wait_for(context.world, context.platform, before.port, Want::dfu,
                             base::Micros(0), cancel);
}

// The device was told to leave.
base::Result<Device> until_back(const work::Context& context, const usb::DeviceInfo& before) {
  auto back = wait_for_return(context, before, context.policy.restart, context.cancel);
  if (!back && back.error().code == base::Errc::cancelled) {
    const base::CancelToken second(context.cancel, 1);
    const base::Error stopped = std::move(back.error());
    back = wait_for_return(context, before, kStarts, second);
    if (!back) return stopped;
  }
  if (!back && back.error().code == base::Errc::timeout) {
    const auto seconds = base::in_seconds(context.policy.restart);
    return not_back(fmt::format("the device has not come back on {} within {:.0f} s",
                                usb::to_string(before.port), seconds));
  }
  return back;
}

}  // namespace

base::Result<Device> leave_and_wait(const work::Context& context, work::Voice& voice,
                                    std::unique_ptr<medium::Session> session,
                                    events::Totals& totals) {
  for (int tries = 1;; ++tries) {
    const Device before = session->device();
    TRY(leave(voice, *session));
    session.reset();
    TRY_ASSIGN(Device back, until_back(context, before.info));
    TRY_ASSIGN(Device device, same_device(before, std::move(back)));
    if (device.mode != Mode::dfu) return device;
    if (tries == kLeaves) return not_back("the device is back in DFU mode instead of running");
    voice.retry(
        {"leaving DFU mode", "the device is still, or again, in DFU mode", tries + 1, kLeaves});
    TRY_ASSIGN(session, medium::Session::open(context.world, context.platform, device, totals));
  }
}

base::Result<Device> settle(const work::Context& context, Device device) {
  const base::Deadline deadline(context.world.clock, context.policy.restart);
  while (!deadline.passed()) {
    auto other = discovery::wait_for_return(context.world, context.platform, device.info, Want::any,
                                            context.policy.settle, context.cancel);
    if (!other && other.error().code == base::Errc::timeout) {
      // It stayed, or it has gone.
      if (device.serial_path.empty() && is_still_there(context, device)) return device;
      auto there = discovery::wait_for(context.world, context.platform, device.port(), Want::any,
                                       base::Micros(0), context.cancel);
      if (there) return same_device(device, std::move(*there));
      if (there.error().code != base::Errc::timeout) return there;
      continue;
    }
    TRY(other);
    TRY_ASSIGN(device, same_device(device, std::move(*other)));
    if (device.mode == Mode::dfu) break;
  }
  return not_back("the device started and did not stay");
}

events::Whereabouts look_for(const work::Context& context, const usb::PortPath& port,
                             bool told_to_start) {
  const base::CancelToken second(context.cancel, 1);
  bool still_leaving = false;
  if (told_to_start) {
    const auto back =
        discovery::wait_for(context.world, context.platform, port, Want::serial, kStarts, second);
    if (back) return events::Whereabouts::serial;
    // Half a second after it was told to it is on the bus still, as if it had not been.
    still_leaving = back.error().code == base::Errc::cancelled;
  }
  const auto devices = context.world.usb.list(context.platform.usb.vendor);
  if (!devices) return events::Whereabouts::unknown;
  const auto here = std::ranges::find(*devices, port, &usb::DeviceInfo::port);
  if (still_leaving) return events::Whereabouts::starting;
  if (here != devices->end() && here->product == context.platform.usb.dfu_product) {
    return events::Whereabouts::dfu;
  }
  if (here != devices->end() && here->product == context.platform.usb.serial_product) {
    return events::Whereabouts::serial;
  }
  return told_to_start ? events::Whereabouts::starting : events::Whereabouts::gone;
}

}  // namespace reach
