// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names and descriptors that a device tells: whatever they hold, the parsers end within bounds, and
// what they accept is what they promise.

#include "base/bytes.h"
#include "dfu/descriptors.h"
#include "dfu/memory_map.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes(data, size);
  if (const auto map = dfu::parse_memory_map(base::as_text(bytes))) {
    std::uint32_t end = 0;
    for (const dfu::MapSector& sector : map->sectors) {
      if (sector.range.empty() || sector.range.begin < end) std::abort();
      end = sector.range.end;
    }
  }
  for (const std::uint8_t alt : {std::uint8_t{0}, std::uint8_t{1}}) {
    const auto found = dfu::find_interface(bytes, alt);
    if (found && found->alt != alt) std::abort();
  }
  return 0;
}
