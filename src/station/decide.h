// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is to be done with a board that was plugged in, and when the line has to stop. Pure.

#include "records/store.h"
#include "station/config.h"
#include "station/slot.h"
#include "station/status.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace station {

struct Facts {
  Guest guest;
  bool again = false;  // the lead wants it once more
  std::string recipe;  // id
  records::DeviceHistory history;
  std::optional<Stop> stop;
  bool draining = false;
  int busy = 0;  // jobs that run now
};
Decided decide(const PolicyConfig& policy, const Facts& facts);

bool is_golden(const PolicyConfig& policy, const std::string& device);

// How an insertion ended.
struct Judged {
  std::string slot;
  std::string device;  // empty: not known; counts as a device of its own
  records::Outcome outcome = records::Outcome::pass;
};

// Counts what went wrong one after the other. Aborted and lost jobs say nothing about a line.
class StopRules {
 public:
  explicit StopRules(const PolicyConfig& policy) : policy_(policy) {}

  struct Verdict {
    std::optional<Stop> stop;  // without its time
    std::string slot_off;      // why the slot goes off; empty: it does not
  };
  Verdict note(const Judged& judged);
  // The lead has looked at it: counting begins anew.
  void unlock();
  void switch_on(const std::string& slot);

 private:
  // By value: the counting outlives a configuration that is read anew.
  PolicyConfig policy_;
  int fails_in_a_row_ = 0;
  std::deque<bool> last_;  // of the last 20 devices: passed
  // Devices that failed in a slot, one after the other.
  std::map<std::string, std::vector<std::string>> slot_fails_;
};

constexpr std::size_t kYieldOver = 20;

}  // namespace station
