// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The modules in the virtual flash, as the released code looks at them: by the header in the
// sector, with or without the CRC.

#include "firmware/module.h"
#include "sim/board/flash_memory.h"

#include <cstdint>
#include <optional>

namespace sim {

struct StoredModule {
  base::AddressRange store;
  firmware::ModuleHeader header;  // taken as it is; a blank sector gives version 0xFFFF
  bool header_valid = false;      // an address range within flash, a known function
  bool in_store = false;          // starts where the store does and its end is inside
  bool crc_ok = false;            // only looked at if the range makes sense
  bool whole() const { return header_valid && in_store && crc_ok; }
};

// The module whose sector `store` is.
StoredModule look_at(const FlashMemory& flash, base::AddressRange store);

// The module version in the header found at the sector of `id`, without any other look: what the
// released code compares dependencies with. None if the platform has no such module.
std::optional<std::uint16_t> version_at(const FlashMemory& flash,
                                        const platform::Platform& platform, platform::ModuleId id);

// A bootloader image inside a part (the one that a release installs by itself): a module header
// for the bootloader's address with the right CRC. Empty if there is none.
base::ByteView find_bootloader_image(base::ByteView part, const platform::Platform& platform);

}  // namespace sim
