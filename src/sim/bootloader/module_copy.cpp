// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bootloader/module_copy.h"

#include "base/checksum.h"
#include "firmware/parse.h"

#include <algorithm>

namespace sim {
namespace {

// Comparing and feeding the watchdog, besides the flash's own time.
constexpr base::Micros kWorkPerKilobyte{600};

bool slot_allows(const FlashMemory& flash, const ModuleSlot& slot) {
  const base::AddressRange all = flash.range();
  if (slot.source_device != ModuleSlot::kInternalFlash ||
      slot.destination_device != ModuleSlot::kInternalFlash) {
    return false;
  }
  for (const std::uint32_t begin : {slot.source, slot.destination}) {
    if (!all.contains(begin) || slot.length > all.end - begin || slot.length == 0) return false;
  }
  const auto header = header_at(flash, slot.source);
  if (!header || header->platform != flash.platform().id) return false;
  if ((slot.flags & ModuleSlot::kVerifyCrc) != 0) {
    const auto whole = whole_module_at(flash, slot.source, slot.source + slot.length);
    if (!whole) return false;
  }
  if ((slot.flags & ModuleSlot::kVerifyDestination) != 0 && header->start != slot.destination) {
    return false;
  }
  return (slot.flags & ModuleSlot::kVerifyFunction) == 0 ||
         static_cast<std::uint8_t>(header->id.function) == slot.function;
}

}  // namespace

std::optional<firmware::ModuleHeader> header_at(const FlashMemory& flash, std::uint32_t address) {
  const base::AddressRange all = flash.range();
  if (!all.contains(address)) return std::nullopt;
  return firmware::parse_header(flash.view({address, all.end}), nullptr);
}

std::optional<firmware::ModuleHeader> whole_module_at(const FlashMemory& flash,
                                                      std::uint32_t address, std::uint32_t limit) {
  const auto header = header_at(flash, address);
  if (!header || header->platform != flash.platform().id) return std::nullopt;
  if (header->end <= header->start) return std::nullopt;
  const std::uint32_t covered = header->end - header->start;
  if (limit <= address || covered > limit - address || limit - address - covered < 4) {
    return std::nullopt;
  }
  const base::ByteView image = flash.view({address, address + covered + 4});
  if (base::crc32(image.first(covered)) != base::load_be32(image, covered)) return std::nullopt;
  return header;
}

bool copy_module(Hardware& hardware, const ModuleSlot& slot) {
  FlashMemory& flash = hardware.flash();
  if (!slot_allows(flash, slot)) return false;
  const base::ByteView source = flash.view({slot.source, slot.source + slot.length});
  base::Bytes image(source.begin(), source.end());
  image.resize((image.size() + 3) / 4 * 4, 0xFF);
  const base::AddressRange target{slot.destination,
                                  slot.destination + static_cast<std::uint32_t>(image.size())};
  const std::size_t last = flash.sector_of(target.end - 1);
  for (std::size_t sector = flash.sector_of(target.begin); sector <= last; ++sector) {
    flash.set_write_protected(sector, false);
    if (!flash.erase_sector(sector)) return false;
    hardware.feed_watchdog();
  }
  // In pieces, as the watchdog is fed between them.
  constexpr std::size_t kPiece = std::size_t{16} * 1024;
  for (std::size_t at = 0; at < image.size(); at += kPiece) {
    const auto piece = base::ByteView(image).subspan(at, std::min(kPiece, image.size() - at));
    flash.program(target.begin + static_cast<std::uint32_t>(at), piece);
    hardware.spend(kWorkPerKilobyte * (piece.size() / 1024));
    hardware.feed_watchdog();
  }
  const base::ByteView copy = flash.view(target);
  return std::equal(copy.begin(), copy.end(), image.begin());
}

}  // namespace sim
