// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/faults.h"

#include <algorithm>
#include <utility>

namespace sim {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every computer.
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

base::Instant moment(const FlashMemory::Operation& operation, double share) {
  const auto whole = static_cast<double>((operation.end - operation.begin).count());
  const auto at = operation.begin + base::Micros(static_cast<std::int64_t>(whole * share));
  // At its end an operation is done and no longer in the journal.
  return std::min(at, operation.end - base::Micros(1));
}

// When the fault strikes the operation; none if it is not about it.
std::optional<base::Instant> strikes(const Fault& fault, const FlashMemory& flash) {
  using Operation = FlashMemory::Operation;
  const auto kind =
      fault.when == Fault::When::during_erase ? Operation::Kind::erase : Operation::Kind::program;
  for (const Operation& operation : flash.journal()) {
    if (operation.kind == kind && operation.range.contains(fault.address)) {
      return moment(operation, fault.share);
    }
  }
  return std::nullopt;
}

}  // namespace

FaultPlan::FaultPlan(std::vector<Fault> faults, FlashMemory& flash, base::Instant now) {
  flash.clear_faults();
  for (Fault& fault : faults) {
    switch (fault.when) {
      case Fault::When::stuck_word:
        flash.set_stuck(fault.address);
        break;
      case Fault::When::bad_sector:
        if (flash.range().contains(fault.address)) {
          flash.set_bad_sector(flash.sector_of(fault.address));
        }
        break;
      case Fault::When::lost_write:
        flash.lose_write(fault.address);
        break;
      case Fault::When::read_flip:
        flash.set_read_flip(fault.address, static_cast<std::uint8_t>(1U << fault.bit),
                            fault.always ? -1 : 1);
        break;
      default:
        armed_.push_back({{}, fault.seed, now + fault.time, false});
        armed_.back().fault = std::move(fault);
        break;
    }
  }
}

std::optional<FaultAction> FaultPlan::on_transfer(TransferKind kind) {
  ++transfers_;
  const std::uint64_t of_kind = ++of_kind_[static_cast<std::size_t>(kind)];
  for (Armed& armed : armed_) {
    const Fault& fault = armed.fault;
    if (fault.when == Fault::When::random) {
      const std::uint64_t dice = next_random(armed.random_state);
      if (dice % fault.number != 0) continue;
      return fault.actions[(dice / fault.number) % fault.actions.size()];
    }
    if (fault.when != Fault::When::nth_transfer || armed.spent) continue;
    if (fault.kind && *fault.kind != kind) continue;
    if ((fault.kind ? of_kind : transfers_) != fault.number) continue;
    armed.spent = true;
    return fault.actions.front();
  }
  return std::nullopt;
}

std::optional<base::Instant> FaultPlan::next_event(const FlashMemory& flash) const {
  std::optional<base::Instant> next;
  for (const Armed& armed : armed_) {
    if (armed.spent) continue;
    std::optional<base::Instant> when;
    if (armed.fault.when == Fault::When::at_time) {
      when = armed.at;
    } else if (armed.fault.when == Fault::When::during_erase ||
               armed.fault.when == Fault::When::during_program) {
      when = strikes(armed.fault, flash);
    }
    if (when && (!next || *when < *next)) next = when;
  }
  return next;
}

std::optional<FaultAction> FaultPlan::take_due(const FlashMemory& flash, base::Instant now) {
  for (Armed& armed : armed_) {
    if (armed.spent) continue;
    std::optional<base::Instant> when;
    if (armed.fault.when == Fault::When::at_time) {
      when = armed.at;
    } else if (armed.fault.when == Fault::When::during_erase ||
               armed.fault.when == Fault::When::during_program) {
      when = strikes(armed.fault, flash);
    }
    if (!when || *when > now) continue;
    armed.spent = true;
    return armed.fault.actions.front();
  }
  return std::nullopt;
}

}  // namespace sim
