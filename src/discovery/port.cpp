// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/port.h"

#include <fmt/format.h>

#include <utility>

namespace discovery {
namespace {

// udev has set a device's permissions long before this after its arrival.
constexpr base::Micros kPermissionGrace = std::chrono::seconds(2);
// A computer that makes a serial port of it at all has done so long before: one that has no driver
// never does.
constexpr base::Micros kPortGrace = std::chrono::seconds(5);

bool wanted(const Device& device, Want want) {
  if (device.mode == Mode::dfu) return want != Want::serial;
  return want != Want::dfu && !device.serial_path.empty();
}

// How long a running device has been there without a port.
class WithoutPort {
 public:
  base::Micros look(const Device* device, base::Instant now) {
    const bool without =
        device != nullptr && device->mode != Mode::dfu && device->serial_path.empty();
    if (!without) {
      info_.reset();
      return {};
    }
    if (!info_ || !same_enumeration(*info_, device->info)) {
      info_ = device->info;
      since_ = now;
    }
    return now - since_;
  }

 private:
  std::optional<usb::DeviceInfo> info_;
  base::Instant since_{};
};

std::string_view words(Want want) {
  switch (want) {
    case Want::dfu:
      return "in DFU mode ";
    case Want::serial:
      return "running with a serial port ";
    case Want::any:
      return "";
  }
  return "";
}

base::Error timeout(const usb::PortPath& path, Want want, base::Micros within) {
  const double seconds = base::in_seconds(within);
  return base::make_error(base::Errc::timeout,
                          fmt::format("no Electron {}on {} within {:.0f} s", words(want),
                                      usb::to_string(path), seconds));
}

}  // namespace

Port::Port(World& world, const platform::Platform& platform, usb::PortPath path)
    : world_(world), platform_(platform), path_(std::move(path)) {}

base::Result<Device> Port::await(Want want, base::Micros within, const base::CancelToken& cancel) {
  return await(std::nullopt, want, within, cancel);
}

base::Result<Device> Port::await_return(const usb::DeviceInfo& before, Want want,
                                        base::Micros within, const base::CancelToken& cancel) {
  return await(before, want, within, cancel);
}

base::Result<Device> Port::await(std::optional<usb::DeviceInfo> before, Want want,
                                 base::Micros within, const base::CancelToken& cancel) {
  base::Micros without_port{0};
  const auto counts = [&](const Device& device) {
    const bool stayed = want == Want::any && without_port >= kPortGrace;
    return device.port() == path_ && !(before && same_enumeration(*before, device.info)) &&
           (stayed || wanted(device, want));
  };
  Observer observer(world_, platform_, counts);
  std::optional<base::Instant> denied_since;
  WithoutPort watch;
  const Device* found = nullptr;
  const auto done = [&] {
    found = observer.inventory().on(path_);
    without_port = watch.look(found, world_.clock.now());
    // Seen to be absent, or to be another one: whatever comes now counts.
    if (found == nullptr || (before && !same_enumeration(*before, found->info))) before.reset();
    if (found == nullptr || !counts(*found) || found->problem.empty()) {
      denied_since.reset();
      return found != nullptr && counts(*found);
    }
    const base::Instant now = world_.clock.now();
    if (!denied_since) denied_since = now;
    return now - *denied_since >= kPermissionGrace;
  };
  TRY_ASSIGN(const Observer::End end, observer.follow(within, cancel, done));
  if (end == Observer::End::cancelled) {
    return base::make_error(base::Errc::cancelled, "interrupted while waiting for the device");
  }
  if (end == Observer::End::time_is_up) return timeout(path_, want, within);
  return *found;
}

}  // namespace discovery
