// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Which Electrons are here, in which mode, on which port. A device is its port path: the USB serial
// string is the same on every unit up to 0.5.5 and changes letter case and mode with versions.

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "discovery/world.h"
#include "platform/platform.h"
#include "usb/device_info.h"

#include <optional>
#include <string>
#include <vector>

namespace discovery {

enum class Mode {
  dfu,        // bootloader, 2b04:d00a
  serial,     // system firmware, 2b04:c00a with its CDC interface: running, safe or listening mode
  listening,  // the same, and known to answer in listening mode
};
std::string_view name(Mode mode);  // "dfu", "serial", "listening"

struct Device {
  usb::DeviceInfo info;
  Mode mode = Mode::dfu;
  std::string id;           // 24 hex digits, lower case; empty if the serial string is a constant
  std::string serial_path;  // "/dev/ttyACM0"; empty in DFU mode or while the port is not there yet
  std::string problem;  // why it could not be looked at ("no permission …"); empty if it could
  bool asked = false;   // id and problem are as good as they get without working on it
  const usb::PortPath& port() const { return info.port; }
};

// What --device says. An empty selector means: the only one there is.
struct Selector {
  std::string text;                   // as given
  std::optional<usb::PortPath> port;  // usb:BUS-PORT…
  std::string id_prefix;              // 6 to 24 hex digits, lower case
  std::string serial_path;
};
// Errors: usage.
base::Result<Selector> parse_selector(std::string_view text);

// Electrons on the bus now, in port order. Other devices (other DFU gadgets, other Particle
// products) are not looked at. A device that may not be opened is listed with `problem`.
base::Result<std::vector<Device>> list(World& world, const platform::Platform& platform);

// Exactly one device. No other is opened, except where --device names an id that the system does
// not tell of a device in DFU mode: then those are asked that nobody works on. Errors: no_device;
// ambiguous_device, whose message lists them ready to paste.
base::Result<Device> choose(World& world, const platform::Platform& platform,
                            const Selector& selector);

enum class Want { dfu, serial, any };

// The device on `port` as soon as it is there in the wanted mode. A running one is there when the
// system has made a serial port of it (0.6.0 shows a false device for 0.3 s after a DFU leave); for
// `any` also when it has stayed for 5 s without. Where permissions are not set yet (udev does that
// a moment after the arrival), it is waited for a little longer. Errors: timeout, cancelled.
base::Result<Device> wait_for(World& world, const platform::Platform& platform,
                              const usb::PortPath& port, Want want, base::Micros within,
                              const base::CancelToken& cancel);

// The same for a device that is about to restart: the enumeration `before` does not count. It stays
// on the bus for half a second after a DFU leave; a new arrival has another address or product, or
// was seen to be absent. Errors: timeout, cancelled.
base::Result<Device> wait_for_return(World& world, const platform::Platform& platform,
                                     const usb::DeviceInfo& before, Want want, base::Micros within,
                                     const base::CancelToken& cancel);

// True if the device on `now` cannot be the one that was `before`: both have an id of their own,
// and not the same one.
bool different_device(const Device& before, const Device& now);

}  // namespace discovery
