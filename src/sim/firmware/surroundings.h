// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "platform/platform.h"

#include <string>

namespace sim {

// What the firmware finds around it: the modem, the SIM card, the keys. The texts are printed by
// the listening console as they are; an empty one is left out.
struct FirmwareOptions {
  const platform::Platform* platform = &platform::electron();
  std::string imei = "353162070000019";
  std::string iccid = "89314404000000000123";
  std::string modem_firmware = "23.20,A01.00";
  std::string device_secret;  // printed by `i` since 1.4.4; empty: the device has none
  std::string serial_number;  // the same
  bool sim_card = true;       // without one the firmware listens by itself 14 to 28 s after start
  bool network = false;       // the modem finds one: breathing cyan instead of blinking green
  bool claimed = false;
  // False: the application has changed the trigger speed, so that 14400 does nothing while it runs.
  bool dfu_touch = true;
  // True: the application has called System.disableUpdates().
  bool updates_disabled = false;
  // What `v` prints. Empty: the name of the release that index 2 belongs to.
  std::string version;
  // The release that the device was made of: its name, as long as index 2 is one of its version and
  // not, byte for byte, another release's.
  std::string made_of;
};

}  // namespace sim
