// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// After a job: the device itself is asked what it runs, and the answer is compared with what was
// written. It is then left in normal mode.

#include "firmware/check.h"
#include "flash/report.h"
#include "flash/serial_probe.h"
#include "flash/switching.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flash {

struct Confirmation {
  ConfirmedBy by = ConfirmedBy::none;
  std::optional<SerialState> answer;     // if by listening
  std::vector<std::string> differences;  // plain sentences; empty: it runs what was written
  std::string why_not;                   // why no more than `by` could be learnt
  bool good() const { return by != ConfirmedBy::none && differences.empty(); }
};

// Waits for the device on `port` as a serial device, asks it, compares, and leaves it in normal
// mode. A device that cannot be brought to listening mode is confirmed by its enumeration alone;
// one that is not there, by nothing. Errors: cancelled.
base::Result<Confirmation> confirm(const Surroundings& around, const usb::PortPath& port,
                                   std::span<const firmware::CheckedModule> written,
                                   const SwitchOptions& options);

// How the answer differs from what was written: every module must be there with its version and
// intact.
std::vector<std::string> differences(const serial::Described& described,
                                     std::span<const firmware::CheckedModule> written);

}  // namespace flash
