// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/agenda.h"

namespace sim {

Agenda::Ticket Agenda::at(base::Instant when, std::function<void()> action) {
  const Ticket ticket{when, made_++};
  entries_.emplace(ticket, std::move(action));
  return ticket;
}

void Agenda::cancel(const Ticket& ticket) { entries_.erase(ticket); }

void Agenda::clear() { entries_.clear(); }

std::optional<base::Instant> Agenda::next() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.begin()->first.first;
}

bool Agenda::run_one(base::Instant now) {
  if (entries_.empty() || entries_.begin()->first.first > now) return false;
  // Out of the list first: the action may add, cancel and clear.
  const auto action = std::move(entries_.begin()->second);
  entries_.erase(entries_.begin());
  action();
  return true;
}

}  // namespace sim
