// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/recover.h"

#include "dfu/timing.h"

#include <fmt/format.h>

namespace dfu {
namespace {

// The longest way is state 15, dfuERROR, dfuIDLE; the rest is room for transfers that are lost.
constexpr int kMostCorrections = 8;

constexpr std::string_view kReplug = "unplug the device, bring it back to DFU mode and try again";

base::Error leaving() {
  return base::make_error(base::Errc::device_gone, "leaving-dfu",
                          "the device is leaving DFU mode and cannot be held back",
                          "wait until it has started, then try again");
}

// What a state asks for. Sent only where it is right: CLRSTATUS in a healthy state causes dfuERROR.
base::Result<> correct(Requests& requests, State state) {
  switch (state) {
    case State::dnload_sync:
    case State::dnload_idle:
    case State::manifest_sync:
    case State::upload_idle:
      return requests.abort_transfer(kRequestTimeout);
    case State::error:
    case State::lost:
      return requests.clear_status(kRequestTimeout);
    case State::manifest:
    case State::manifest_wait_reset:
      return leaving();
    default:
      return base::make_error(
          base::Errc::protocol,
          fmt::format("the device is in {}, which is no state of a bootloader", name(state)),
          std::string(kReplug));
  }
}

}  // namespace

base::Result<> bring_to_idle(Requests& requests, base::Clock& clock) {
  const base::Deadline deadline(clock, kSettleTimeout);
  const base::CancelToken never;
  for (int corrections = 0; corrections < kMostCorrections;) {
    // In dfuDNBUSY even this transfer may run what is pending, and last as long.
    auto state = requests.get_state(kEraseTimeout);
    if (!state && state.error().code == base::Errc::device_gone) return state.error();
    if (!state || *state == State::dnbusy) {
      // A stall here is the end of an operation that failed, a timeout one that goes on.
      if (deadline.passed()) {
        if (!state) return state.error();
        return base::make_error(base::Errc::timeout, "the device does not finish what it is doing",
                                std::string(kReplug));
      }
      clock.sleep(kSettlePause, never);
      continue;
    }
    if (*state == State::idle) return {};
    ++corrections;
    auto corrected = correct(requests, *state);
    if (!corrected && corrected.error().code != base::Errc::timeout &&
        corrected.error().code != base::Errc::usb_stall) {
      return corrected;
    }
  }
  return base::make_error(base::Errc::protocol, "the device cannot be brought to dfuIDLE",
                          std::string(kReplug));
}

}  // namespace dfu
