// SPDX-License-Identifier: GPL-3.0-or-later
//
// Intel HEX files: whatever the text is, parsing ends within bounds, and segments are what they
// promise to be: in order, apart from each other, within 32 bits, no more bytes than digits gave.

#include "firmware/intel_hex.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void must(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView text(data, size);
  firmware::is_intel_hex(text);
  const auto segments = firmware::parse_intel_hex(text);
  if (!segments) {
    must(segments.error().id == "bad-hex" && !segments.error().message.empty());
    return 0;
  }
  std::uint64_t end = 0;
  std::uint64_t total = 0;
  bool first = true;
  for (const firmware::HexSegment& segment : *segments) {
    must(!segment.bytes.empty());
    must(first || segment.address > end);
    end = std::uint64_t{segment.address} + segment.bytes.size();
    must(end <= std::uint64_t{1} << 32);
    total += segment.bytes.size();
    first = false;
  }
  must(total * 2 <= size);
  return 0;
}
