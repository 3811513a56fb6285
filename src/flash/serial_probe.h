// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Asks a device in listening mode what it is and what is installed on it.

#include "flash/switching.h"
#include "plan/state.h"
#include "serial/console.h"

#include <optional>
#include <string>

namespace flash {

struct SerialState {
  std::string release;  // what `v` says
  serial::Identity identity;
  serial::Described described;
  plan::InstalledState state;
  std::optional<bool> claimed;  // none: the release does not tell
};

// `device` must be in listening mode (to_listening) and stays in it. Errors: those of the console,
// unsupported if it describes another platform, no_device if it is not the one whose id `device`
// has.
base::Result<SerialState> probe_serial(const Surroundings& around, const discovery::Device& device);

// The state that the device's own description amounts to. A module that fails integrity, range or
// platform is corrupt; one that lacks a dependency only is valid. The description has no lengths
// and no CRCs: `header.start` and `header.end` are the slot's and nothing's, `crc32` is 0.
plan::InstalledState state_from(const serial::Described& described,
                                const platform::Platform& platform);

}  // namespace flash
