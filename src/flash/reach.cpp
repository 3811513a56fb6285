// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/reach.h"

#include "flash/serial_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flash {
namespace {

using discovery::Device;
using discovery::Mode;
using discovery::Want;

constexpr int kLeaves = 3;

// Pressing a button does not help against these.
bool is_final(const base::Error& error) {
  switch (error.code) {
    case base::Errc::cancelled:
    case base::Errc::access_denied:
    case base::Errc::busy:
    case base::Errc::no_device:
      return true;
    default:
      return false;
  }
}

// A person is asked, and the port watched.
base::Result<Device> by_hand(Bench& bench, Voice& voice, const Device& device, std::string what,
                             Want want, base::Micros within) {
  voice.say(events::ActionNeeded{std::move(what), within});
  auto there =
      discovery::wait_for(bench.world, bench.platform, device.port(), want, within, bench.cancel);
  if (!there && there.error().code == base::Errc::timeout) {
    there.error().hint = how_to_reach_dfu() + "; then run the same command again";
  }
  return there;
}

base::Error not_back(const std::string& message) {
  return base::make_error(base::Errc::not_back, message,
                          "press RESET and look at the LED; if it does not come up: " +
                              how_to_reach_dfu() + ", then run the same command again");
}

// Errors: the transport's. A device that is gone has left.
base::Result<> leave(Voice& voice, Session& session) {
  PhaseScope phase(voice, events::Phase::leave, "", 0);
  for (int tries = 1;; ++tries) {
    const auto left = session.target().leave();
    if (left || left.error().code == base::Errc::device_gone) break;
    if (tries == kLeaves) return left.error();
    voice.say(events::Retrying{"leaving DFU mode", left.error().message, tries + 1, kLeaves});
    const auto opened = session.reopen();
    if (!opened && opened.error().code == base::Errc::device_gone) break;
    TRY(opened);
  }
  phase.good();
  return {};
}

}  // namespace

std::string how_to_reach_dfu() {
  return "hold MODE, press and release RESET, keep holding MODE until the LED blinks yellow "
         "(about 3 seconds), then let go of MODE";
}

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

base::Result<Device> reach_dfu(Bench& bench, Voice& voice, const Device& device) {
  if (device.mode == Mode::dfu) return device;
  std::string why;
  {
    PhaseScope phase(voice, events::Phase::wait, "DFU mode", 0);
    auto switched = bench.switcher.to_dfu(bench.world, bench.platform, device,
                                          bench.policy.switching, bench.cancel);
    if (switched) {
      phase.good();
      return same_device(device, std::move(*switched));
    }
    if (is_final(switched.error())) return switched;
    why = switched.error().message;
  }
  PhaseScope phase(voice, events::Phase::wait, "DFU mode", 0);
  voice.note("the device does not go to DFU mode by itself: " + why, 1);
  TRY_ASSIGN(Device there,
             by_hand(bench, voice, device, how_to_reach_dfu(), Want::dfu, bench.policy.by_hand));
  phase.good();
  return same_device(device, std::move(there));
}

base::Result<Device> reach_again(Bench& bench, Voice& voice, const Device& device,
                                 const base::Error& why) {
  std::optional<Device> found;
  {
    PhaseScope phase(voice, events::Phase::wait, usb::to_string(device.port()), 0);
    // A device that is gone, or about to go, may be on the bus for a moment still.
    auto there = why.code == base::Errc::device_gone
                     ? discovery::wait_for_return(bench.world, bench.platform, device.info,
                                                  Want::any, bench.policy.unaided, bench.cancel)
                     : discovery::wait_for(bench.world, bench.platform, device.port(), Want::any,
                                           bench.policy.unaided, bench.cancel);
    if (!there && there.error().code == base::Errc::timeout) {
      there = by_hand(bench, voice, device,
                      fmt::format("the device on {} is gone: plug it in again; if it does not show "
                                  "up then, {}",
                                  usb::to_string(device.port()), how_to_reach_dfu()),
                      Want::any, bench.policy.unplugged);
    }
    TRY(there);
    found = std::move(*there);
    phase.good();
  }
  TRY_ASSIGN(const Device same, same_device(device, std::move(*found)));
  return reach_dfu(bench, voice, same);
}

base::Result<Device> leave_and_wait(Bench& bench, Voice& voice, std::unique_ptr<Session> session,
                                    Totals& totals) {
  for (int tries = 1;; ++tries) {
    const Device before = session->device();
    TRY(leave(voice, *session));
    session.reset();
    PhaseScope phase(voice, events::Phase::wait, "restart", 0);
    auto back = discovery::wait_for_return(bench.world, bench.platform, before.info, Want::any,
                                           bench.policy.restart, bench.cancel);
    if (!back && back.error().code == base::Errc::timeout) {
      // Never gone at all?
      back = discovery::wait_for(bench.world, bench.platform, before.port(), Want::dfu,
                                 base::Micros(0), bench.cancel);
      if (!back && back.error().code == base::Errc::timeout) {
        const auto seconds = std::chrono::duration<double>(bench.policy.restart).count();
        return not_back(fmt::format("the device has not come back on {} within {:.0f} s",
                                    usb::to_string(before.port()), seconds));
      }
    }
    TRY(back);
    TRY_ASSIGN(Device device, same_device(before, std::move(*back)));
    if (device.mode != Mode::dfu) {
      phase.good();
      return device;
    }
    if (tries == kLeaves) return not_back("the device is back in DFU mode instead of running");
    voice.say(events::Retrying{"leaving DFU mode", "the device is still, or again, in DFU mode",
                               tries + 1, kLeaves});
    TRY_ASSIGN(session, Session::open(bench.world, bench.platform, device, totals));
  }
}

base::Result<Device> settle(Bench& bench, Voice& voice, Device device) {
  PhaseScope phase(voice, events::Phase::wait, "first start", 0);
  const base::Deadline deadline(bench.world.clock, bench.policy.restart);
  while (!deadline.passed()) {
    auto other = discovery::wait_for_return(bench.world, bench.platform, device.info, Want::any,
                                            bench.policy.settle, bench.cancel);
    if (!other && other.error().code == base::Errc::timeout) {
      // It stayed, or it has gone.
      auto there = discovery::wait_for(bench.world, bench.platform, device.port(), Want::any,
                                       base::Micros(0), bench.cancel);
      if (there) {
        phase.good();
        return same_device(device, std::move(*there));
      }
      if (there.error().code != base::Errc::timeout) return there;
      continue;
    }
    TRY(other);
    TRY_ASSIGN(device, same_device(device, std::move(*other)));
    if (device.mode == Mode::dfu) break;
  }
  return not_back("the device started and did not stay");
}

Whereabouts look_for(Bench& bench, const usb::PortPath& port) {
  const auto devices = discovery::list(bench.world, bench.platform);
  if (!devices) return Whereabouts::unknown;
  const auto here = std::find_if(devices->begin(), devices->end(),
                                 [&](const Device& d) { return d.port() == port; });
  if (here == devices->end()) return Whereabouts::gone;
  return here->mode == Mode::dfu ? Whereabouts::dfu : Whereabouts::serial;
}

}  // namespace flash
