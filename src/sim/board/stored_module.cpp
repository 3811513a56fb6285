// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/stored_module.h"

#include "base/checksum.h"
#include "firmware/parse.h"

namespace sim {
namespace {

// The CRC over [start, end) lies at `end`, big-endian (device-os: services/inc/module_info.h).
bool crc_matches(base::ByteView image, const firmware::ModuleHeader& header) {
  const std::size_t length = header.end - header.start;
  if (length + 4 > image.size()) return false;
  return base::crc32(image.first(length)) == base::load_be32(image, length);
}

bool makes_sense(const firmware::ModuleHeader& header) {
  const auto function = static_cast<std::uint8_t>(header.id.function);
  return header.start < header.end && function >= 1 &&
         function <= static_cast<std::uint8_t>(platform::ModuleFunction::radio_stack);
}

}  // namespace

StoredModule look_at(const FlashMemory& flash, base::AddressRange store) {
  StoredModule module;
  module.store = store;
  const base::ByteView bytes = flash.view(store);
  const auto header = firmware::parse_header(bytes, nullptr);
  if (!header) return module;
  module.header = *header;
  module.header_valid = makes_sense(*header);
  if (!module.header_valid) return module;
  module.in_store = header->start == store.begin && header->end <= store.end - 4;
  module.crc_ok = crc_matches(bytes, *header);
  return module;
}

std::optional<std::uint16_t> version_at(const FlashMemory& flash,
                                        const platform::Platform& platform, platform::ModuleId id) {
  const platform::Slot* slot = platform.slot(id);
  if (slot == nullptr) return std::nullopt;
  const auto header = firmware::parse_header(flash.view(slot->flash), nullptr);
  if (!header) return std::nullopt;
  return header->version;
}

base::ByteView find_bootloader_image(base::ByteView part, const platform::Platform& platform) {
  const platform::Slot* slot = platform.slot(platform::kBootloader);
  if (slot == nullptr) return {};
  const std::uint32_t in_image = firmware::kHeaderReach - 24;
  // The released images lie on even offsets, not always on multiples of four.
  for (std::size_t at = 0; at + firmware::kHeaderReach <= part.size(); at += 2) {
    if (base::load_le32(part, at + in_image) != slot->flash.begin) continue;
    const base::ByteView rest = part.subspan(at);
    const auto header = firmware::parse_header(rest, nullptr);
    if (!header || header->start != slot->flash.begin || header->end >= slot->flash.end) continue;
    if (header->end <= header->start || header->platform != platform.id) continue;
    if (header->id != platform::kBootloader || !crc_matches(rest, *header)) continue;
    return rest.first(header->size());
  }
  return {};
}

}  // namespace sim
