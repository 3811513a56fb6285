// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A plan by YMODEM, one module a session, as an over-the-air update goes: the running firmware
// judges each module, restarts, and is asked afterwards what it has. For devices whose DFU mode
// cannot be reached.

#include "flash/job.h"
#include "flash/report.h"
#include "flash/serial_probe.h"
#include "flash/switching.h"
#include "plan/plan.h"

#include <span>

namespace flash {

struct SerialOptions {
  SwitchOptions mode;
  // False: nothing is held back by our own reading of the rules, the device judges alone.
  bool check_rules = true;
  int sessions = 3;  // YMODEM sessions per module before giving up
};
SerialOptions attended_serial();

// The whole job: listening mode, what is installed, plan, approval, one module after the other,
// confirmation by the device's own answer, normal mode. Of `request`, the backup is not made: a
// device cannot be read over serial. `device` may be in any mode. Never fails to return.
DeviceReport run_serial_job(const Surroundings& around, const discovery::Device& device,
                            const JobRequest& request, const SerialOptions& options);

// Sends single modules that are no part of a release plan, such as a bootloader image.
DeviceReport send_by_serial(const Surroundings& around, const discovery::Device& device,
                            std::span<const firmware::CheckedModule> modules,
                            const SerialOptions& options);

}  // namespace flash
