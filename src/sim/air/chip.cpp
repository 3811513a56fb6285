// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/air/chip.h"

#include "base/checksum.h"

#include <algorithm>

namespace sim {

void Chip::load_into(FlashMemory& flash) const {
  for (std::size_t sector = 0; sector < sectors.size(); ++sector) {
    flash.load(flash.sector_range(sector).begin, *sectors[sector]);
    flash.protect_at_once(sector, write_protected[sector]);
  }
}

std::shared_ptr<const base::Bytes> ChipStore::keep(base::ByteView sector) {
  const std::uint32_t crc = base::crc32(sector);
  const auto [begin, end] = sectors_.equal_range(crc);
  const auto known = std::find_if(begin, end, [&](const auto& entry) {
    return std::equal(sector.begin(), sector.end(), entry.second->begin(), entry.second->end());
  });
  if (known != end) return known->second;
  auto kept = std::make_shared<const base::Bytes>(sector.begin(), sector.end());
  sectors_.emplace(crc, kept);
  return kept;
}

std::shared_ptr<const Chip> ChipStore::keep(const FlashMemory& flash) {
  Chip chip;
  for (std::size_t sector = 0; sector < flash.sector_count(); ++sector) {
    chip.sectors.push_back(keep(flash.view(flash.sector_range(sector))));
    chip.write_protected.push_back(flash.write_protected(sector));
  }
  const base::Bytes* key = chip.sectors.front().get();
  const auto [begin, end] = chips_.equal_range(key);
  const auto known =
      std::find_if(begin, end, [&](const auto& entry) { return *entry.second == chip; });
  if (known != end) return known->second;
  auto kept = std::make_shared<const Chip>(std::move(chip));
  chips_.emplace(key, kept);
  return kept;
}

}  // namespace sim
