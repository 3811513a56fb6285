// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The STM32F205's flash: 1 MiB in twelve sectors. Programming can only clear bits, erasing sets a
// whole sector, write protection by option bytes, everything takes time (RM0033, DS6329).
//
// Time: the flash stalls the CPU (one bank, code runs from it), so every operation moves the CPU's
// clock, time(), on by what it takes. The board sets that clock when it lets the program run. Each
// operation is kept in a journal with its begin, end and old contents until real time has passed
// its end, so that a power cut at any moment leaves exactly what was done by then: see cut().

#include "base/address_range.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "platform/platform.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
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

// Which part of a sector an erase has reached when the power goes: silicon promises nothing, so a
// test tries several.
enum class CutPattern { from_start, from_end, scattered };

class FlashMemory {
 public:
  // An operation that is or was under way.
  struct Operation {
    enum class Kind { erase, program, option_bytes };
    Kind kind = Kind::erase;
    base::AddressRange range;  // sector, or the words programmed
    base::Instant begin;
    base::Instant end;
  };

  explicit FlashMemory(const platform::Platform& platform);

  const platform::Platform& platform() const { return *platform_; }
  base::ByteView view() const { return bytes_; }
  base::ByteView view(base::AddressRange range) const;  // range must lie in flash
  base::AddressRange range() const { return platform_->flash; }
  std::size_t sector_count() const { return platform_->sectors.size(); }
  std::size_t sector_of(std::uint32_t address) const;  // address must lie in flash
  base::AddressRange sector_range(std::size_t sector) const;

  // --- what the CPU does; moves time() on ---
  // Reads as a program does that hands the bytes on (read faults apply). Must lie in flash.
  void read(std::uint32_t address, std::span<std::uint8_t> into);
  // Programs 32-bit words up to the first that the controller refuses (sector write-protected,
  // address not a multiple of 4, outside flash); returns the bytes that were programmed. `bytes`
  // is a multiple of 4 long. A bit that would have to go from 0 to 1 stays 0 without an error, as
  // on silicon.
  std::size_t program(std::uint32_t address, base::ByteView bytes);
  // False: write-protected or worn out (set_bad_sector).
  bool erase_sector(std::size_t sector);
  bool write_protected(std::size_t sector) const { return protected_[sector]; }
  void set_write_protected(std::size_t sector, bool on);  // does nothing if already so

  // The CPU's clock.
  base::Instant time() const { return time_; }
  void set_time(base::Instant time) { time_ = time; }
  void pass(base::Micros duration) { time_ += duration; }

  // --- the world's side ---
  // What is not finished at the journal's end, oldest first.
  const std::vector<Operation>& journal() const { return operations_; }
  // Forgets operations that ended by `now`: they can no longer be undone.
  void settle(base::Instant now);
  // The CPU stops at `now` (power cut, reset): operations that had not begun are undone, the one
  // under way is left half done. Empties the journal.
  void cut(base::Instant now);
  void set_cut_pattern(CutPattern pattern) { cut_pattern_ = pattern; }

  // Makes a state: a test, a flash image, an initial device. Takes no time.
  void load(std::uint32_t address, base::ByteView bytes);
  void fill_blank(base::AddressRange range);
  void protect_at_once(std::size_t sector, bool on) { protected_[sector] = on; }

  // --- faults ---
  void set_stuck(std::uint32_t address) { stuck_.insert(address & ~3U); }  // will not program
  void set_bad_sector(std::size_t sector) { bad_sectors_.insert(sector); }
  // The next program operation that touches `address` is reported as good and is gone afterwards.
  void lose_write(std::uint32_t address) { lost_.insert(address); }
  // A bit that read() flips, `times` times (-1: for ever).
  void set_read_flip(std::uint32_t address, std::uint8_t mask, int times);
  void clear_faults();

  void set_timing(const FlashTiming& timing) { timing_ = &timing; }
  // How often each sector was erased, for tests of wear.
  std::uint32_t erase_count(std::size_t sector) const { return erase_counts_[sector]; }
  std::uint64_t bytes_programmed() const { return bytes_programmed_; }

 private:
  struct ReadFlip {
    std::uint8_t mask;
    int times;
  };
  struct LostWrite {
    std::uint32_t address;
    base::Instant when;
    base::Bytes old;
  };

  std::size_t offset(std::uint32_t address) const { return address - platform_->flash.begin; }
  std::uint32_t programmable_end(std::uint32_t address, std::uint32_t end) const;
  void note(Operation::Kind kind, base::AddressRange range, base::Micros took, base::Bytes old);
  void undo(const Operation& operation, base::ByteView old);
  void leave_half_done(const Operation& operation, base::ByteView old, base::Instant now);
  void take_back_lost(base::Instant now);

  const platform::Platform* platform_;
  base::Bytes bytes_;
  std::vector<bool> protected_;
  std::vector<std::uint32_t> erase_counts_;
  std::uint64_t bytes_programmed_ = 0;
  const FlashTiming* timing_;
  base::Instant time_{};
  std::vector<Operation> operations_;
  std::vector<base::Bytes> old_;  // contents before each of operations_
  CutPattern cut_pattern_ = CutPattern::from_start;
  std::set<std::uint32_t> stuck_;
  std::set<std::size_t> bad_sectors_;
  std::set<std::uint32_t> lost_;
  std::vector<LostWrite> to_lose_;  // taken back by settle() and cut()
  std::map<std::uint32_t, ReadFlip> read_flips_;
};

}  // namespace sim
