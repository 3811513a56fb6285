// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/serial_outbox.h"

#include <algorithm>

namespace sim {

void SerialOutbox::print(std::string_view text, base::Instant now) {
  base::Instant at = coming_.empty() ? now : std::max(now, coming_.back().first);
  for (const std::uint8_t byte : base::as_bytes(text)) {
    at += per_character_;
    coming_.emplace_back(at, byte);
  }
}

void SerialOutbox::send(base::ByteView bytes, base::Instant now) {
  const base::Instant at = coming_.empty() ? now : std::max(now, coming_.back().first);
  for (const std::uint8_t byte : bytes) coming_.emplace_back(at, byte);
}

base::Bytes SerialOutbox::take(std::size_t most, base::Instant now) {
  settle(now);
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(std::min(most, ready_.size()));
  base::Bytes bytes(ready_.begin(), end);
  ready_.erase(ready_.begin(), end);
  return bytes;
}

std::optional<base::Instant> SerialOutbox::next(base::Instant now) const {
  const auto later = std::find_if(coming_.begin(), coming_.end(),
                                  [&](const auto& entry) { return entry.first > now; });
  if (later == coming_.end()) return std::nullopt;
  return later->first;
}

void SerialOutbox::clear() {
  coming_.clear();
  ready_.clear();
}

void SerialOutbox::settle(base::Instant now) {
  while (!coming_.empty() && coming_.front().first <= now) {
    ready_.push_back(coming_.front().second);
    coming_.pop_front();
  }
}

}  // namespace sim
