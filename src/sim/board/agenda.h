// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is to happen later on the virtual CPU, in order of time; entries of the same moment in the
// order in which they were made.

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace sim {

class Agenda {
 public:
  using Ticket = std::pair<base::Instant, std::uint64_t>;

  Ticket at(base::Instant when, std::function<void()> action);
  void cancel(const Ticket& ticket);  // nothing happens if it is over
  void clear();
  std::optional<base::Instant> next() const;
  // Does the earliest entry that is due; false if there is none.
  bool run_one(base::Instant now);

 private:
  std::map<Ticket, std::function<void()>> entries_;
  std::uint64_t made_ = 0;
};

}  // namespace sim
