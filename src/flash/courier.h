// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Brings modules to a device in listening mode, one a session, and makes sure of each by asking the
// device afterwards.

#include "flash/report.h"
#include "flash/serial_probe.h"
#include "flash/serial_route.h"
#include "flash/voice.h"
#include "serial/ymodem.h"

#include <optional>

namespace flash {

class Courier {
 public:
  Courier(const Surroundings& around, discovery::Device device, const SerialOptions& options);

  // Takes the device to listening mode and asks what it has.
  base::Result<> begin();
  // Sends the step's module unless it is there already; fills in what was done. Errors: refused by
  // our reading of the rules (id "rules-…") or by the device (id "device-refused…"), and whatever
  // kept the module from getting across.
  base::Result<> deliver(StepReport& step, Totals& totals);
  // Ends listening mode if the device is known to be in it. Nothing hangs on it, so a failure is
  // only noted.
  void let_go();

  // What the device said last; none before begin().
  const std::optional<SerialState>& state() const { return state_; }

 private:
  bool is_there(const firmware::CheckedModule& module) const;
  base::Result<> check_rules(const firmware::CheckedModule& module) const;
  serial::Outcome send(const firmware::CheckedModule& module);
  // One session and what follows it. True: the device has the module.
  base::Result<bool> try_once(const firmware::CheckedModule& module, base::Error& why);
  // After it may have restarted: waits for it, takes it to listening mode, asks it.
  base::Result<> meet_again(bool restarting);
  base::Result<discovery::Device> find_again(bool restarting);
  base::Result<> ask();

  const Surroundings& around_;
  discovery::Device device_;
  const SerialOptions& options_;
  Voice voice_;
  std::optional<SerialState> state_;
};

}  // namespace flash
