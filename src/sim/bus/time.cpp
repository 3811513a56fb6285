// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/time.h"

#include <algorithm>
#include <utility>

namespace sim {

void Time::pass_to(base::Instant when) { now_ = std::max(now_, when); }

void Time::at(base::Instant when, std::function<void()> action) {
  actions_.push_back({when, order_++, std::move(action)});
}

std::optional<base::Instant> Time::next() const {
  std::optional<base::Instant> next;
  for (const Action& action : actions_) {
    if (!next || action.when < *next) next = action.when;
  }
  return next;
}

bool Time::run_due() {
  const auto first = std::min_element(
      actions_.begin(), actions_.end(), [](const Action& left, const Action& right) {
        return std::pair(left.when, left.order) < std::pair(right.when, right.order);
      });
  if (first == actions_.end() || first->when > now_) return false;
  const auto what = std::move(first->what);
  actions_.erase(first);
  what();
  return true;
}

}  // namespace sim
