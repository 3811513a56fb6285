// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The STM32F205's flash: 1 MiB in twelve sectors. Programming can only clear bits, erasing sets a
// whole sector, write protection by option bytes, everything takes time (RM0033, DS6329).

#include "base/address_range.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "platform/platform.h"

#include <cstdint>
#include <set>
#include <vector>

namespace sim {

struct FlashTiming {
  // DS6329, table 43: x32 parallelism, 2.7 to 3.6 V.
  base::Micros word_program;
  base::Micros erase_16k;
  base::Micros erase_64k;
  base::Micros erase_128k;
  base::Micros option_bytes;
};
const FlashTiming& typical_timing();
const FlashTiming& worst_timing();

class FlashMemory {
 public:
  explicit FlashMemory(const platform::Platform& platform);

  base::ByteView view() const { return bytes_; }
  base::ByteView view(base::AddressRange range) const;  // range must lie in flash
  base::AddressRange range() const;
  std::size_t sector_count() const;
  std::size_t sector_of(std::uint32_t address) const;  // address must lie in flash
  base::AddressRange sector_range(std::size_t sector) const;

  // What the flash controller does. False: an error flag (protected sector, stuck word, out of
  // range). `took` is added to. Words are 32 bit, address a multiple of 4.
  bool program_word(std::uint32_t address, std::uint32_t value, base::Micros& took);
  bool erase_sector(std::size_t sector, base::Micros& took);
  bool write_protected(std::size_t sector) const;
  void set_write_protected(std::size_t sector, bool on, base::Micros& took);

  // Outside the device's own doing: making a state for a test, loading an image.
  void load(std::uint32_t address, base::ByteView bytes);
  void fill_blank(base::AddressRange range);
  // Faults: a word that will not program; an erase that was cut off by losing power after `share`
  // of it.
  void set_stuck(std::uint32_t address) { stuck_.insert(address & ~3U); }
  void clear_stuck() { stuck_.clear(); }
  void interrupt_erase(std::size_t sector, double share);

  void set_timing(const FlashTiming& timing) { timing_ = &timing; }
  // How often each sector was erased, for tests of wear.
  std::uint32_t erase_count(std::size_t sector) const { return erase_counts_[sector]; }

 private:
  const platform::Platform* platform_;
  base::Bytes bytes_;
  std::vector<bool> protected_;
  std::vector<std::uint32_t> erase_counts_;
  std::set<std::uint32_t> stuck_;
  const FlashTiming* timing_;
};

}  // namespace sim
