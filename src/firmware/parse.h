// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "firmware/module.h"

namespace firmware {

// Takes the bytes of a file apart. Never fails to return: what is wrong is in `problems`, with the
// codes truncated, no-header, wrong-length, crc-mismatch, sha-mismatch, compressed-or-combined, ….
// A DFU suffix is stripped and noted, and so is erased flash behind the module.
ParsedModule parse(base::Bytes file);

// The header at the start of `bytes` (at 0x184 if the first word is a RAM stack pointer, else at
// 0), taken as it is; none if `bytes` is too short. `offset`, if not null, receives where it was.
// Used for files and for what was read out of flash alike; a blank sector gives version 0xFFFF.
std::optional<ModuleHeader> parse_header(base::ByteView bytes, std::uint32_t* offset);

// The suffix at the end of `body`: the bytes that the CRC covers, whose header is at
// `header_offset` and says `function`. None if there is no room for one, or it is no suffix.
std::optional<ModuleSuffix> parse_suffix(base::ByteView body, std::uint32_t header_offset,
                                         platform::ModuleFunction function);

// Bytes from the start of a sector that always contain the header, wherever it is.
inline constexpr std::uint32_t kHeaderReach = 0x184 + 24;

}  // namespace firmware
