// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/observer.h"

#include "discovery/look.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace discovery {
namespace {

// A failure to list that the next look may not see: something was plugged in or out meanwhile.
bool passes(const base::Error& error) {
  switch (error.code) {
    case base::Errc::usb_io:
    case base::Errc::usb_stall:
    case base::Errc::device_gone:
    case base::Errc::protocol:
    case base::Errc::timeout:
    case base::Errc::busy:
      return true;
    default:
      return false;
  }
}

}  // namespace

Observer::Observer(World& world, const platform::Platform& platform, WorthOpening worth_opening)
    : world_(world), platform_(platform), worth_opening_(std::move(worth_opening)) {}

base::Result<> Observer::look() {
  TRY_ASSIGN(std::vector<Device> snapshot, discovery::look(world_, platform_));
  for (Device& device : snapshot) {
    const Device* const known = inventory_.on(device.port());
    const bool asked = known != nullptr && same_enumeration(known->info, device.info) &&
                       known->problem.empty() && known->asked;
    if (asked) {
      device.asked = true;
      if (device.id.empty()) device.id = known->id;
    } else if (is_told(device) || (worth_opening_ && worth_opening_(device))) {
      complete(world_, device);
    }
  }
  const std::vector<Change> changes = inventory_.update(std::move(snapshot));
  if (!changes.empty()) last_change_ = world_.clock.now();
  for (const Change& change : changes) {
    for (const Subscriber& subscriber : subscribers_) subscriber(change);
  }
  return {};
}

bool Observer::expects_more() const {
  constexpr base::Micros kSettling = std::chrono::seconds(3);
  if (world_.clock.now() - last_change_ > kSettling) return false;
  return std::ranges::any_of(inventory_.devices(), [](const auto& entry) {
    const Device& device = entry.second;
    return !device.problem.empty() || (device.mode != Mode::dfu && device.serial_path.empty());
  });
}

base::Result<Observer::End> Observer::follow(base::Micros within, const base::CancelToken& cancel,
                                             const std::function<bool()>& done) {
  constexpr base::Millis kSoon{50};
  constexpr base::Millis kNowAndThen{1000};
  constexpr base::Micros kLasting = std::chrono::seconds(5);
  const base::Deadline deadline(world_.clock, within);
  std::optional<base::Deadline> patience;
  while (true) {
    if (cancel.requested()) return End::cancelled;
    const auto looked = look();
    if (looked) {
      patience.reset();
      if (done()) return End::done;
    } else {
      if (!passes(looked.error())) return looked.error();
      if (!patience) patience.emplace(world_.clock, kLasting);
      if (patience->passed()) return looked.error();
    }
    if (cancel.requested()) return End::cancelled;
    if (deadline.passed()) {
      if (!looked) return looked.error();
      return End::time_is_up;
    }
    const base::Millis most = !looked || expects_more() ? kSoon : kNowAndThen;
    world_.usb.wait_for_change(deadline.left_up_to(most), cancel);
  }
}

}  // namespace discovery
