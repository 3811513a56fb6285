// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/device.h"
#include "discovery/identity.h"
#include "discovery/look.h"

#include <fmt/format.h>

#include <algorithm>

namespace discovery {
namespace {

// A serial port appears, and udev sets permissions, without a change on the bus: look again this
// often.
constexpr base::Millis kLookAgain{50};
// udev has set a device's permissions long before this after its arrival.
constexpr base::Micros kPermissionGrace = std::chrono::seconds(2);

base::Error none_found(const Selector& selector, const std::vector<Device>& all) {
  for (const Device& device : all) {
    if (!selector.id_prefix.empty() && device.id.empty() && !device.problem.empty()) {
      return base::make_error(base::Errc::access_denied,
                              fmt::format("the Electron on {} could not be asked for its id: {}",
                                          usb::to_string(device.port()), device.problem),
                              "run `electron-rescue udev install`, or choose it by its port");
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

bool wanted(const Device& device, Want want) {
  if (device.mode == Mode::dfu) return want != Want::serial;
  return want != Want::dfu && !device.serial_path.empty();
}

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

// Follows one port until the device that is wanted is there.
class Watch {
 public:
  Watch(World& world, const platform::Platform& platform, usb::PortPath port, Want want)
      : world_(world), platform_(platform), port_(std::move(port)), want_(want) {}

  // This enumeration does not count.
  void ignore(const usb::DeviceInfo& before) { before_ = before; }

  base::Result<Device> run(base::Micros within, const base::CancelToken& cancel) {
    const base::Deadline deadline(world_.clock, within);
    while (true) {
      if (cancel.requested()) {
        return base::make_error(base::Errc::cancelled, "interrupted while waiting for the device");
      }
      TRY_ASSIGN(std::optional<Device> device, look_once());
      if (device && (device->problem.empty() || patience_is_over())) return std::move(*device);
      if (deadline.passed()) return timeout(within);
      world_.usb.wait_for_change(deadline.left_up_to(kLookAgain), cancel);
    }
  }

 private:
  base::Result<std::optional<Device>> look_once() {
    auto devices = look(world_, platform_);
    if (!devices) {
      // Devices that come and go disturb a listing; what lasts is reported when time is up.
      if (devices.error().code == base::Errc::access_denied) return std::move(devices.error());
      return std::optional<Device>();
    }
    const auto here = std::find_if(devices->begin(), devices->end(),
                                   [&](const Device& d) { return d.port() == port_; });
    if (here == devices->end()) {
      before_.reset();
      denied_since_.reset();
      return std::optional<Device>();
    }
    if (before_ && before_->address == here->info.address &&
        before_->product == here->info.product) {
      return std::optional<Device>();
    }
    before_.reset();
    if (!wanted(*here, want_)) return std::optional<Device>();
    complete(world_, *here);
    if (here->problem.empty()) {
      denied_since_.reset();
    } else if (!denied_since_) {
      denied_since_ = world_.clock.now();
    }
    return std::optional<Device>(std::move(*here));
  }

  bool patience_is_over() const {
    return denied_since_ && world_.clock.now() - *denied_since_ >= kPermissionGrace;
  }

  base::Error timeout(base::Micros within) const {
    const double seconds = std::chrono::duration<double>(within).count();
    return base::make_error(base::Errc::timeout,
                            fmt::format("no Electron {}on {} within {:.0f} s", words(want_),
                                        usb::to_string(port_), seconds));
  }

  World& world_;
  const platform::Platform& platform_;
  usb::PortPath port_;
  Want want_;
  std::optional<usb::DeviceInfo> before_;
  std::optional<base::Instant> denied_since_;
};

}  // namespace

base::Result<std::vector<Device>> list(World& world, const platform::Platform& platform) {
  TRY_ASSIGN(std::vector<Device> devices, look(world, platform));
  for (Device& device : devices) complete(world, device);
  return devices;
}

base::Result<Device> choose(World& world, const platform::Platform& platform,
                            const Selector& selector) {
  TRY_ASSIGN(const std::vector<Device> all, list(world, platform));
  std::vector<Device> found;
  for (const Device& device : all) {
    if (matches(selector, device)) found.push_back(device);
  }
  if (found.empty()) return none_found(selector, all);
  if (found.size() > 1) return several_found(found);
  return std::move(found.front());
}

base::Result<Device> wait_for(World& world, const platform::Platform& platform,
                              const usb::PortPath& port, Want want, base::Micros within,
                              const base::CancelToken& cancel) {
  return Watch(world, platform, port, want).run(within, cancel);
}

base::Result<Device> wait_for_return(World& world, const platform::Platform& platform,
                                     const usb::DeviceInfo& before, Want want, base::Micros within,
                                     const base::CancelToken& cancel) {
  Watch watch(world, platform, before.port, want);
  watch.ignore(before);
  return watch.run(within, cancel);
}

}  // namespace discovery
