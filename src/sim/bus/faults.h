// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What goes wrong, as a script that can be printed and read back. One fault per line (or separated
// by ';'; '#' begins a comment):
//
//   at KIND N: ACTION           the N-th transfer of that kind, counted from 1 for each board.
//                               KIND: transfer (any), or dnload, upload, getstatus, clrstatus,
//                               getstate, abort, detach, line-coding, bulk-out, bulk-in, control
//   at TIME: ACTION             that long after the script was given: 1500ms, 2s, 300us
//   during erase ADDR at SHARE: ACTION       when that share (0 to 1) of the erase of ADDR's sector
//   during program ADDR at SHARE: ACTION     or of the programming of the block with ADDR is done
//   random SEED every N: ACTION[, ACTION]…   each transfer with probability 1/N
//   stuck word ADDR             a word that will not program
//   bad sector ADDR             a sector whose erase is refused
//   lost write at ADDR          the next block programmed over ADDR is acknowledged, not stored
//   read bit-flip ADDR[.BIT] [always]        a bit (0) that is read wrong once, or always
//
//   ACTION: stall | timeout (the device never hears it) | lost-answer (the device acts, the host
//   hears nothing) | lost-data (OUT data acknowledged that the device never sees) | short N (the
//   answer ends after N bytes) | delay TIME | unplug TIME (the cable out for that long) |
//   power-cut [TIME] (power back after that time; without it never) | reset (the RESET button)

#include "base/clock.h"
#include "base/result.h"
#include "sim/board/flash_memory.h"
#include "sim/bus/transfer_log.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct FaultAction {
  enum class What {
    stall,
    timeout,
    lost_answer,
    lost_data,
    short_answer,
    delay,
    unplug,
    power_cut,
    reset
  };
  What what = What::stall;
  std::optional<base::Micros> time;  // delay, unplug, power_cut
  std::uint32_t bytes = 0;           // short_answer
  bool operator==(const FaultAction&) const = default;
};

struct Fault {
  enum class When {
    nth_transfer,
    at_time,
    during_erase,
    during_program,
    random,
    stuck_word,
    bad_sector,
    lost_write,
    read_flip
  };
  When when = When::nth_transfer;
  std::optional<TransferKind> kind;  // nth_transfer; none: any transfer
  std::uint64_t number = 0;          // nth_transfer: N; random: every N
  std::uint64_t seed = 0;            // random
  base::Micros time{0};              // at_time
  std::uint32_t address = 0;         // during_…, and the standing ones
  double share = 0;                  // during_…
  std::uint8_t bit = 0;              // read_flip
  bool always = false;               // read_flip
  std::vector<FaultAction> actions;  // one; several for random
  bool operator==(const Fault&) const = default;
};

// Errors: usage, with the line that is not understood.
base::Result<std::vector<Fault>> parse_faults(std::string_view script);
std::string to_string(const FaultAction& action);
std::string to_string(const Fault& fault);
std::string to_string(const std::vector<Fault>& faults);  // one per line

// A script at work on one board. The bus asks it.
class FaultPlan {
 public:
  FaultPlan() = default;
  // Standing faults go into `flash` at once; times count from `now`.
  FaultPlan(std::vector<Fault> faults, FlashMemory& flash, base::Instant now);

  bool empty() const { return armed_.empty(); }
  // Counts the transfer; what is to be done to it. Each fault strikes once, random ones again and
  // again.
  std::optional<FaultAction> on_transfer(TransferKind kind);
  // The earliest moment, after `now`, at which a fault on time or on an operation in the flash's
  // journal strikes; take_due() hands out what is due by `now`.
  std::optional<base::Instant> next_event(const FlashMemory& flash) const;
  std::optional<FaultAction> take_due(const FlashMemory& flash, base::Instant now);
  std::uint64_t transfers() const { return transfers_; }

 private:
  struct Armed {
    Fault fault;
    std::uint64_t random_state = 0;
    base::Instant at{};
    bool spent = false;
  };
  std::vector<Armed> armed_;
  std::uint64_t transfers_ = 0;
  std::array<std::uint64_t, 16> of_kind_{};
};

}  // namespace sim
