// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What to do when a step fails, as a pure function over a table. What may be done at all
// (downgrade, waypoints) is plan's business and not decided here.

#include "base/clock.h"
#include "base/result.h"

#include <string_view>

namespace work {

struct FaultPolicy {
  int sector_attempts = 4;   // times that one sector is erased and written before giving up
  int read_attempts = 4;     // times that one range is read
  int losses_in_a_row = 5;   // times that the device may vanish without a sector finished between
  base::Micros unplugged{};  // a device that is gone is waited for on its port
  base::Micros unaided{};    // of that, until a person is asked to do something
  base::Micros restart{};    // leave DFU until the device is back
  base::Micros settle{};     // a booted device must stay that long before it is sent back to DFU
  base::Micros switching{};  // 14400 touch until the device is in DFU mode
  base::Micros by_hand{};    // a person has to press MODE
};
const FaultPolicy& default_policy();

// The units: a range that is read (or read back), a sector that is erased, the blocks of a range
// that are programmed. A range that got on by some bytes has begun anew: only tries without any
// progress are counted.
enum class Doing { read, erase, write, verify };

struct Failure {
  Doing doing = Doing::read;
  base::Errc kind = base::Errc::internal;
  int attempt = 1;          // how often this unit was tried without getting on, this one included
  bool read_again = false;  // verify: the difference was read a second time and is still there
};

enum class Recovery {
  again,           // the same unit once more, without opening the device anew
  rewrite_sector,  // erase the sector again, and all of its work anew
  reopen,          // open the device anew (that brings it to dfuIDLE), then the same unit again
  give_up,         // this work; whoever asked for it looks at the device afresh, or stops
};
std::string_view name(Recovery recovery);

// Pure and total.
Recovery decide(const FaultPolicy& policy, const Failure& failure);

}  // namespace work
