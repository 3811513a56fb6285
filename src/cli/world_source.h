// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "discovery/world.h"

namespace cli {

// Where a command gets its world from. The computer's own is made only when a command first asks
// for it, so that commands without a device need neither USB nor permissions.
class WorldSource {
 public:
  virtual ~WorldSource() = default;
  // Owned by the source; valid as long as it is.
  virtual base::Result<discovery::World*> world() = 0;
};

}  // namespace cli
