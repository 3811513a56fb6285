// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The memory map that a DfuSe device tells in the name of an alternate setting, for example
// "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg" (ST UM0424, section 4.3.2).
// It comes from a device and may lie: it is parsed with bounds, and never trusted for what may be
// written (platform::Platform::dfu_writable is).

#include "base/address_range.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dfu {

struct MapSector {
  base::AddressRange range;
  bool readable = false;
  bool erasable = false;
  bool writable = false;
};

struct MemoryMap {
  std::string name;
  std::vector<MapSector> sectors;  // ascending, not overlapping
};

// Errors: protocol.
base::Result<MemoryMap> parse_memory_map(std::string_view alt_name);

}  // namespace dfu
