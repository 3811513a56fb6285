// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Follows the bus and tells subscribers what has changed. A look lists, which disturbs no device;
// it opens only those that it was told are worth it, once in each enumeration.

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "discovery/inventory.h"
#include "discovery/world.h"

#include <functional>
#include <vector>

namespace discovery {

class Observer {
 public:
  // Whether a device may be opened to learn its id, where the system does not tell it: one that
  // somebody works on must be left alone. None is opened by default.
  using WorthOpening = std::function<bool(const Device&)>;
  // World and platform outlive the observer.
  Observer(World& world, const platform::Platform& platform, WorthOpening worth_opening = {});

  using Subscriber = std::function<void(const Change&)>;
  // Called within look(), on its thread, in the order of subscription.
  void subscribe(Subscriber subscriber) { subscribers_.push_back(std::move(subscriber)); }

  // One look. Errors: those of listing.
  base::Result<> look();
  const Inventory& inventory() const { return inventory_; }

  enum class End { done, time_is_up, cancelled };
  // Looks now, and again as soon as something may have changed, until `done` says so after a look.
  // Devices that come and go disturb a listing: only an error that lasts, or that no second look
  // can mend, is returned.
  base::Result<End> follow(base::Micros within, const base::CancelToken& cancel,
                           const std::function<bool()>& done);

 private:
  // A serial port appears, and udev sets permissions, without a change on the bus.
  bool expects_more() const;

  World& world_;
  const platform::Platform& platform_;
  WorthOpening worth_opening_;
  std::vector<Subscriber> subscribers_;
  Inventory inventory_;
  base::Instant last_change_{};
};

}  // namespace discovery
