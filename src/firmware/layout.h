// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Sizes in a module image, for those who take one apart or put one together. FORMAT.md has the
// picture; device-os v2.3.1: services/inc/module_info.h.

#include <cstdint>

namespace firmware {

inline constexpr std::uint32_t kVectorTableSize = 0x184;
inline constexpr std::uint32_t kHeaderSize = 24;
inline constexpr std::uint32_t kSuffixSize = 36;       // without the CRC
inline constexpr std::uint16_t kSuffixSizeField = 40;  // what stands in it
inline constexpr std::uint32_t kProductSize = 4;
inline constexpr std::uint32_t kCrcSize = 4;

}  // namespace firmware
