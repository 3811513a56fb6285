// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/back.h"

#include "reach/line.h"

#include <fmt/format.h>

#include <utility>

namespace reach {

using discovery::Device;
using discovery::Want;

bool is_loss(const base::Error& error) {
  switch (error.code) {
    case base::Errc::device_gone:
    case base::Errc::timeout:
    case base::Errc::usb_io:
    case base::Errc::usb_stall:
    case base::Errc::protocol:
      return true;
    default:
      return false;
  }
}

base::Result<Device> dfu_again(const work::Context& context, work::Voice& voice,
                               const Device& device, const base::Error& why) {
  // A device that is gone, or about to go, may be on the bus for a moment still.
  auto there = why.code == base::Errc::device_gone
                   ? discovery::wait_for_return(context.world, context.platform, device.info,
                                                Want::any, context.policy.unaided, context.cancel)
                   : discovery::wait_for(context.world, context.platform, device.port(), Want::any,
                                         context.policy.unaided, context.cancel);
  if (!there && there.error().code == base::Errc::timeout) {
    voice.person(events::Action::replug,
                 fmt::format("the device on {} is gone: plug it in again; if it does not show up "
                             "then, {}",
                             usb::to_string(device.port()), how_to_reach_dfu()),
                 context.policy.unplugged);
    there = discovery::wait_for(context.world, context.platform, device.port(), Want::any,
                                context.policy.unplugged, context.cancel);
    if (!there && there.error().code == base::Errc::timeout) {
      there.error().hint = how_to_reach_dfu() + "; then run the same command again";
    }
  }
  TRY(there);
  TRY_ASSIGN(const Device same, same_device(device, std::move(*there)));
  Patience patience = attended();
  patience.by_itself = context.policy.switching;
  patience.by_person = context.policy.by_hand;
  return to_dfu(context, voice, same, patience);
}

base::Result<Device> wait_for_running(const work::Context& context, const usb::PortPath& port,
                                      base::Micros within) {
  const base::Deadline deadline(context.world.clock, within);
  const auto wait = [&](Want want) {
    return discovery::wait_for(context.world, context.platform, port, want, deadline.left(),
                               context.cancel);
  };
  auto there = wait(Want::any);
  if (there && there->mode == discovery::Mode::dfu) return wait(Want::serial);
  if (!there && there.error().code == base::Errc::timeout) return wait(Want::serial);
  return there;
}

}  // namespace reach
