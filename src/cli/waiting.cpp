// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/waiting.h"

#include "discovery/identity.h"
#include "discovery/observer.h"
#include "discovery/port_locks.h"

#include <optional>
#include <utility>

namespace cli {

base::Result<discovery::Device> await_device(
    Context& context, const release::Library* library,
    const std::function<bool(const discovery::Device&)>& fits, base::Micros within,
    base::Error otherwise) {
  TRY_ASSIGN(discovery::World * world, context.worlds.world(library));
  TRY_ASSIGN(const discovery::Selector selector, context.worlds.selector());
  const auto worth_opening = [&](const discovery::Device& device) {
    return fits(device) && (!selector.port || *selector.port == device.port()) &&
           (world->locks == nullptr || !world->locks->holder(device.port()));
  };
  discovery::Observer observer(*world, platform::electron(), worth_opening);
  std::optional<discovery::Device> found;
  const auto done = [&] {
    for (const auto& [port, device] : observer.inventory().devices()) {
      if (discovery::matches(selector, device) && fits(device)) found = device;
      if (found) return true;
    }
    return false;
  };
  const auto end = observer.follow(within, context.cancel(), done);
  if (!end) return end.error();
  switch (*end) {
    case discovery::Observer::End::done:
      return std::move(*found);
    case discovery::Observer::End::cancelled:
      return base::make_error(base::Errc::cancelled, "interrupted while waiting for a device",
                              "run the same command again");
    case discovery::Observer::End::time_is_up:
      break;
  }
  return otherwise;
}

}  // namespace cli
