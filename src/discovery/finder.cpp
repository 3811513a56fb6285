// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/device.h"
#include "discovery/identity.h"
#include "discovery/look.h"
#include "discovery/port.h"
#include "discovery/port_locks.h"
#include "os/advice.h"

#include <fmt/format.h>

namespace discovery {
namespace {

base::Error none_found(const Selector& selector, const std::vector<Device>& all) {
  for (const Device& device : all) {
    if (!selector.id_prefix.empty() && device.id.empty() && !device.problem.empty()) {
      return base::make_error(base::Errc::access_denied,
                              fmt::format("the Electron on {} could not be asked for its id: {}",
                                          usb::to_string(device.port()), device.problem),
                              std::string(os::advice().access));
    }
  }
  const std::string hint =
      "check cable and power; a device that does not show up at all: hold MODE, press and release "
      "RESET, keep MODE until the LED blinks yellow, then run the same command again";
  if (selector.text.empty()) {
    return base::make_error(base::Errc::no_device, "no Electron is connected by USB", hint);
  }
  std::string message = fmt::format("no connected Electron is {}", base::printable(selector.text));
  for (const Device& device : all) message += "\n  " + selection_line(device);
  return base::make_error(base::Errc::no_device, message, hint);
}

base::Error several_found(const std::vector<Device>& found) {
  std::string message = fmt::format("{} Electrons are connected and none is chosen", found.size());
  for (const Device& device : found) message += "\n  " + selection_line(device);
  return base::make_error(base::Errc::ambiguous_device, message, "add one of these to the command");
}

}  // namespace

base::Result<std::vector<Device>> list(World& world, const platform::Platform& platform) {
  TRY_ASSIGN(std::vector<Device> devices, look(world, platform));
  for (Device& device : devices) {
    // A device that somebody works on is left alone; who it is can be told without it.
    const auto holder = is_told(device) || world.locks == nullptr
                            ? std::nullopt
                            : world.locks->holder(device.port());
    if (holder) {
      device.problem = "in use by " + *holder;
    } else {
      complete(world, device);
    }
  }
  return devices;
}

base::Result<Device> choose(World& world, const platform::Platform& platform,
                            const Selector& selector) {
  TRY_ASSIGN(std::vector<Device> all, look(world, platform));
  // Only an id that the system does not tell makes it necessary to ask devices that may be none of
  // our business.
  const bool by_id = !selector.id_prefix.empty();
  if (by_id) {
    TRY_ASSIGN(all, list(world, platform));
  }
  std::vector<Device> found;
  for (Device& device : all) {
    if (!by_id && is_told(device)) complete(world, device);
    if (matches(selector, device)) found.push_back(device);
  }
  if (found.empty()) return none_found(selector, all);
  if (found.size() > 1) return several_found(found);
  if (!found.front().asked) complete(world, found.front());
  return std::move(found.front());
}

base::Result<Device> wait_for(World& world, const platform::Platform& platform,
                              const usb::PortPath& port, Want want, base::Micros within,
                              const base::CancelToken& cancel) {
  return Port(world, platform, port).await(want, within, cancel);
}

base::Result<Device> wait_for_return(World& world, const platform::Platform& platform,
                                     const usb::DeviceInfo& before, Want want, base::Micros within,
                                     const base::CancelToken& cancel) {
  return Port(world, platform, before.port).await_return(before, want, within, cancel);
}

}  // namespace discovery
