// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Intel HEX: bytes with their addresses, as text. Format: Intel, "Hexadecimal Object File Format
// Specification", revision A, 1988: records 00 data, 01 end, 02 and 04 base address, 03 and 05
// start address (of no use here). Where objcopy and srec_cat put the same bytes at different
// addresses, the file is refused (findings/intel-hex-lies-in-two-places.sh).

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <vector>

namespace firmware {

// A megabyte of flash takes 2.8 MB of text.
inline constexpr std::uint64_t kLargestHexFile = 8 * 1024 * 1024;

// Bytes without a gap. `address` is where the first of them lies.
struct HexSegment {
  std::uint32_t address = 0;
  base::Bytes bytes;
};

// True if the text begins as such a file does; whether it is sound, only parse_intel_hex() tells.
bool is_intel_hex(base::ByteView text);

// In ascending order, neighbours joined. Errors: bad_file, id "bad-hex" (the message names the
// line): a checksum or a length is wrong, an unknown record, bytes beyond 32 bits or given twice,
// bytes whose address depends on the reader, no end record, something behind it.
base::Result<std::vector<HexSegment>> parse_intel_hex(base::ByteView text);

}  // namespace firmware
