// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The time that everything on a virtual wire shares, and what is to happen at which moment. It
// moves only when it is told to.

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace sim {

class Time {
 public:
  explicit Time(base::Instant start) : now_(start) {}

  base::Instant now() const { return now_; }
  // Never back. Carries nothing out.
  void pass_to(base::Instant when);

  // Of several at one moment the one that was said first comes first.
  void at(base::Instant when, std::function<void()> action);
  std::optional<base::Instant> next() const;
  // Carries out the first action that is due; false: none is.
  bool run_due();

 private:
  struct Action {
    base::Instant when;
    std::uint64_t order;
    std::function<void()> what;
  };

  base::Instant now_;
  std::vector<Action> actions_;
  std::uint64_t order_ = 0;
};

}  // namespace sim
