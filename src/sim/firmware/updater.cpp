// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/updater.h"

#include "sim/board/dct.h"

#include <algorithm>

namespace sim {

bool write_bootloader(Hardware& hardware, const platform::Platform& platform,
                      base::ByteView image) {
  const platform::Slot* slot = platform.slot(platform::kBootloader);
  if (slot == nullptr || image.size() > slot->flash.size()) return false;
  FlashMemory& flash = hardware.flash();
  const std::size_t sector = flash.sector_of(slot->flash.begin);
  base::Bytes words(image.begin(), image.end());
  words.resize((words.size() + 3) / 4 * 4, 0xFF);
  flash.set_write_protected(sector, false);
  const bool written =
      flash.erase_sector(sector) && flash.program(slot->flash.begin, words) == words.size();
  flash.set_write_protected(sector, true);
  const base::ByteView now = flash.view(slot->flash).first(words.size());
  return written && std::equal(words.begin(), words.end(), now.begin());
}

bool apply_staged(Hardware& hardware, const platform::Platform& platform,
                  const SystemProfile& profile, const firmware::ModuleHeader& header) {
  if (header.id == platform::kBootloader) {
    return write_bootloader(hardware, platform,
                            hardware.flash().view(platform.staging).first(header.size()));
  }
  Dct dct(hardware.flash(), profile.dct);
  ModuleSlot slot;
  slot.magic = ModuleSlot::kUpdate;
  slot.source = platform.staging.begin;
  slot.destination = header.start;
  slot.length = header.size();
  slot.function = static_cast<std::uint8_t>(header.id.function);
  // Slot 0 names the factory image.
  for (int index = 1; index < ModuleSlot::kCount; ++index) {
    if (read_slot(dct, index).magic != ModuleSlot::kUpdate) return write_slot(dct, index, slot);
  }
  return false;
}

}  // namespace sim
