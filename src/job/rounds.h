// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a job knows across its rounds: after every restart and every loss the device is looked at
// afresh, and what was done before must be what is found.

#include "events/report.h"

#include <optional>
#include <vector>

namespace job {

class Rounds {
 public:
  explicit Rounds(events::DeviceReport& report) : report_(report) {}

  // The first plan: what the report will tell of.
  void expect(const plan::Plan& plan);

  // A stage begins, and has ended one way or the other: what became of its steps is added up in the
  // report.
  events::StageReport begin(const plan::Stage& stage);
  void end(const events::StageReport& round);
  // Steps that are done: while it grows the job gets on.
  std::size_t finished() const;

  void was_lost() { lost_ = true; }
  void booted(const plan::Stage& stage);
  // After either, `state` must have what was written and verified, and what was not touched must be
  // as it was: else another device is on the port (up to bootloader 7 none has an id), or the
  // firmware has replaced something. Errors: no_device with id "another-device", not_back with id
  // "stage-differs".
  base::Result<> check(const plan::InstalledState& state, const usb::PortPath& port);

  // Sectors that the plan erases and of which nothing is kept yet, ascending.
  std::vector<base::AddressRange> not_saved(const plan::Plan& plan) const;
  void saved(const std::vector<base::AddressRange>& sectors);

  // What each place holds once the plan is carried out; later stages replace earlier ones.
  std::vector<firmware::CheckedModule> modules_in_the_end() const;

 private:
  events::StageReport* find(const plan::Stage& stage);
  bool as_expected(const plan::InstalledModule& found) const;

  events::DeviceReport& report_;
  std::vector<base::AddressRange> saved_;
  bool lost_ = false;
  bool booted_ = false;
};

}  // namespace job
