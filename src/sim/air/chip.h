// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a device holds between two restarts, as a value: the contents of its flash, sector by
// sector. Sectors of the same contents are there once, however many devices have them, so that a
// fleet of a thousand does not take a gigabyte, and chips of the same contents are the same object.

#include "base/bytes.h"
#include "sim/board/flash_memory.h"

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace sim {

struct Chip {
  std::vector<std::shared_ptr<const base::Bytes>> sectors;  // as long as the sector
  std::vector<bool> write_protected;
  bool operator==(const Chip&) const = default;  // of the same store
  void load_into(FlashMemory& flash) const;
};

class ChipStore {
 public:
  std::shared_ptr<const Chip> keep(const FlashMemory& flash);
  std::size_t sectors_kept() const { return sectors_.size(); }

 private:
  std::shared_ptr<const base::Bytes> keep(base::ByteView sector);

  std::unordered_multimap<std::uint32_t, std::shared_ptr<const base::Bytes>> sectors_;  // by CRC-32
  std::multimap<const base::Bytes*, std::shared_ptr<const Chip>> chips_;  // by the first sector
};

}  // namespace sim
