// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

namespace report {

// What the program returns to the shell: a stable interface (docs/decisions/0007).
enum ExitCode : int {
  kDone = 0,
  kInternalError = 1,
  kWrongUsage = 2,
  kNoDevice = 3,     // none, or more than one and none chosen
  kBadFile = 4,      // a firmware file is missing or invalid
  kRefused = 5,      // the plan would break the device
  kDeviceError = 6,  // I/O failed; left in DFU or listening mode; the same command can be run again
  kMismatch = 7,     // read-back differs
  kNoPermission = 8,
  kNotBack = 9,        // written and verified, but the device did not come back as expected
  kInterrupted = 130,  // stopped at a safe point; the same command can be run again
};

ExitCode exit_code(base::Errc code);

}  // namespace report
