// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "electron_sim/options.h"

namespace electron_sim {

// electron-sim --cloud: serves until "quit" on standard input or a signal. Errors: those of the
// fleet, of the port, of the log file.
base::Result<> serve_cloud(const SimOptions& options);

}  // namespace electron_sim
