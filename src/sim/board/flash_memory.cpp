// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/flash_memory.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sim {
namespace {

using std::chrono::microseconds;

// DS6329, table 43. The option bytes' time is not in the table: they are a small sector of their
// own that is erased and programmed.
constexpr FlashTiming kTypical{microseconds{16}, microseconds{250'000}, microseconds{550'000},
                               microseconds{1'000'000}, microseconds{16'000}};
constexpr FlashTiming kWorst{microseconds{100}, microseconds{500'000}, microseconds{1'100'000},
                             microseconds{2'000'000}, microseconds{100'000}};
constexpr std::uint32_t kWord = 4;
constexpr std::uint32_t k16K = 16 * 1024;
constexpr std::uint32_t k64K = 64 * 1024;

// A well-mixed number from an address, for a half-erased sector without a pattern (the finalizer of
// MurmurHash3).
std::uint32_t mix(std::uint32_t value) {
  value ^= value >> 16U;
  value *= 0x85EBCA6BU;
  value ^= value >> 13U;
  value *= 0xC2B2AE35U;
  return value ^ (value >> 16U);
}

bool erased_by(CutPattern pattern, std::uint32_t word, std::uint32_t words, double share) {
  const auto reached = static_cast<std::uint32_t>(share * words);
  switch (pattern) {
    case CutPattern::from_start:
      return word < reached;
    case CutPattern::from_end:
      return word >= words - reached;
    case CutPattern::scattered:
      return mix(word) < share * 4294967296.0;
  }
  return false;
}

}  // namespace

const FlashTiming& typical_timing() { return kTypical; }
const FlashTiming& worst_timing() { return kWorst; }

FlashMemory::FlashMemory(const platform::Platform& platform)
    : platform_(&platform),
      bytes_(platform.flash.size(), 0xFF),
      protected_(platform.sectors.size(), false),
      erase_counts_(platform.sectors.size(), 0),
      timing_(&kTypical) {}

base::ByteView FlashMemory::view(base::AddressRange range) const {
  assert(platform_->flash.contains(range));
  return base::ByteView(bytes_).subspan(offset(range.begin), range.size());
}

std::size_t FlashMemory::sector_of(std::uint32_t address) const {
  const platform::Sector* sector = platform_->sector_at(address);
  assert(sector != nullptr);
  return static_cast<std::size_t>(sector - platform_->sectors.data());
}

base::AddressRange FlashMemory::sector_range(std::size_t sector) const {
  return platform_->sectors[sector].range;
}

void FlashMemory::read(std::uint32_t address, std::span<std::uint8_t> into) {
  const base::AddressRange range{address, address + static_cast<std::uint32_t>(into.size())};
  const base::ByteView from = view(range);
  std::copy(from.begin(), from.end(), into.begin());
  for (auto flip = read_flips_.lower_bound(address);
       flip != read_flips_.end() && range.contains(flip->first);) {
    into[flip->first - address] ^= flip->second.mask;
    if (flip->second.times > 0 && --flip->second.times == 0) {
      flip = read_flips_.erase(flip);
    } else {
      ++flip;
    }
  }
}

std::uint32_t FlashMemory::programmable_end(std::uint32_t address, std::uint32_t end) const {
  while (address < end) {
    const platform::Sector* sector = platform_->sector_at(address);
    if (sector == nullptr || protected_[sector_of(address)]) return address;
    address = std::min(end, sector->range.end);
  }
  return end;
}

std::size_t FlashMemory::program(std::uint32_t address, base::ByteView bytes) {
  assert(bytes.size() % kWord == 0);
  if (address % kWord != 0 || bytes.empty()) return 0;
  const base::AddressRange wanted{address, address + static_cast<std::uint32_t>(bytes.size())};
  const base::AddressRange range{address, programmable_end(address, wanted.end)};
  if (range.empty()) return 0;

  const auto target = std::span(bytes_).subspan(offset(address), range.size());
  base::Bytes old(target.begin(), target.end());
  for (std::size_t i = 0; i < target.size(); ++i) {
    target[i] = static_cast<std::uint8_t>(target[i] & bytes[i]);
  }
  for (auto stuck = stuck_.lower_bound(address); stuck != stuck_.end() && range.contains(*stuck);
       ++stuck) {
    const auto at = static_cast<std::ptrdiff_t>(*stuck - address);
    std::copy_n(old.begin() + at, kWord, target.begin() + at);
  }
  const base::Micros took = timing_->word_program * (range.size() / kWord);
  const auto lost = lost_.lower_bound(address);
  if (lost != lost_.end() && range.contains(*lost)) {
    to_lose_.push_back({address, time_ + took, old});
    lost_.erase(lost);
  }
  bytes_programmed_ += range.size();
  note(Operation::Kind::program, range, took, std::move(old));
  return range.size();
}

bool FlashMemory::erase_sector(std::size_t sector) {
  if (protected_[sector] || bad_sectors_.contains(sector)) return false;
  const base::AddressRange range = sector_range(sector);
  const auto target = std::span(bytes_).subspan(offset(range.begin), range.size());
  base::Bytes old(target.begin(), target.end());
  std::fill(target.begin(), target.end(), std::uint8_t{0xFF});
  ++erase_counts_[sector];
  const base::Micros took = range.size() <= k16K   ? timing_->erase_16k
                            : range.size() <= k64K ? timing_->erase_64k
                                                   : timing_->erase_128k;
  note(Operation::Kind::erase, range, took, std::move(old));
  return true;
}

void FlashMemory::set_write_protected(std::size_t sector, bool on) {
  if (protected_[sector] == on) return;
  protected_[sector] = on;
  note(Operation::Kind::option_bytes, sector_range(sector), timing_->option_bytes, {});
}

void FlashMemory::note(Operation::Kind kind, base::AddressRange range, base::Micros took,
                       base::Bytes old) {
  operations_.push_back({kind, range, time_, time_ + took});
  old_.push_back(std::move(old));
  time_ += took;
}

void FlashMemory::take_back_lost(base::Instant now) {
  std::erase_if(to_lose_, [&](const LostWrite& lost) {
    if (lost.when > now) return false;
    load(lost.address, lost.old);
    return true;
  });
}

void FlashMemory::settle(base::Instant now) {
  if (operations_.empty()) return;
  take_back_lost(now);
  if (operations_.back().end <= now) {
    operations_.clear();
    old_.clear();
    return;
  }
  const auto first_open = std::find_if(operations_.begin(), operations_.end(),
                                       [now](const Operation& op) { return op.end > now; });
  old_.erase(old_.begin(), old_.begin() + (first_open - operations_.begin()));
  operations_.erase(operations_.begin(), first_open);
}

void FlashMemory::cut(base::Instant now) {
  for (std::size_t i = operations_.size(); i-- > 0;) {
    if (operations_[i].begin >= now) {
      undo(operations_[i], old_[i]);
    } else if (operations_[i].end > now) {
      leave_half_done(operations_[i], old_[i], now);
    }
  }
  take_back_lost(base::Instant::max());
  operations_.clear();
  old_.clear();
  time_ = now;
}

void FlashMemory::undo(const Operation& operation, base::ByteView old) {
  if (operation.kind == Operation::Kind::option_bytes) {
    const std::size_t sector = sector_of(operation.range.begin);
    protected_[sector] = !protected_[sector];
  } else {
    load(operation.range.begin, old);
  }
}

void FlashMemory::leave_half_done(const Operation& operation, base::ByteView old,
                                  base::Instant now) {
  const auto target =
      std::span(bytes_).subspan(offset(operation.range.begin), operation.range.size());
  const auto done = static_cast<double>((now - operation.begin).count());
  const double share = done / static_cast<double>((operation.end - operation.begin).count());
  const std::uint32_t words = operation.range.size() / kWord;
  const auto restore = [&](std::uint32_t byte, std::uint32_t count) {
    std::copy_n(old.begin() + byte, count, target.begin() + byte);
  };
  switch (operation.kind) {
    case Operation::Kind::option_bytes:
      undo(operation, old);  // the new setting counts from the next reset, if it was complete
      break;
    case Operation::Kind::erase:
      for (std::uint32_t word = 0; word < words; ++word) {
        if (!erased_by(cut_pattern_, word, words, share)) restore(word * kWord, kWord);
      }
      break;
    case Operation::Kind::program: {
      // The word under way has its lower half done.
      const auto whole = std::min(static_cast<std::uint32_t>(share * words), words - 1);
      restore(whole * kWord + 2, 2);
      const std::uint32_t rest = (whole + 1) * kWord;
      restore(rest, operation.range.size() - rest);
      break;
    }
  }
}

void FlashMemory::load(std::uint32_t address, base::ByteView bytes) {
  assert(platform_->flash.contains({address, address + static_cast<std::uint32_t>(bytes.size())}));
  std::copy(bytes.begin(), bytes.end(),
            bytes_.begin() + static_cast<std::ptrdiff_t>(offset(address)));
}

void FlashMemory::fill_blank(base::AddressRange range) {
  const auto target = std::span(bytes_).subspan(offset(range.begin), range.size());
  std::fill(target.begin(), target.end(), std::uint8_t{0xFF});
}

void FlashMemory::set_read_flip(std::uint32_t address, std::uint8_t mask, int times) {
  read_flips_[address] = {mask, times};
}

void FlashMemory::clear_faults() {
  stuck_.clear();
  bad_sectors_.clear();
  lost_.clear();
  read_flips_.clear();
}

}  // namespace sim
