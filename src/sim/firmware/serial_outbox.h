// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the firmware has written to the serial port and the host has not read yet. Up to 0.6.4 the
// console writes one character a millisecond.

#include "base/bytes.h"
#include "base/clock.h"

#include <deque>
#include <optional>
#include <string_view>
#include <utility>

namespace sim {

class SerialOutbox {
 public:
  explicit SerialOutbox(base::Micros per_character) : per_character_(per_character) {}

  // Behind everything that was printed before, at the console's pace, from `now` on.
  void print(std::string_view text, base::Instant now);
  // The same in one piece.
  void send(base::ByteView bytes, base::Instant now);
  base::Bytes take(std::size_t most, base::Instant now);
  // When the next character becomes available after `now`.
  std::optional<base::Instant> next(base::Instant now) const;
  void clear();

 private:
  void settle(base::Instant now);
  base::Micros per_character_;
  std::deque<std::pair<base::Instant, std::uint8_t>> coming_;
  std::deque<std::uint8_t> ready_;
};

}  // namespace sim
