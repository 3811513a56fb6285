// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace base {

// A half-open range [begin, end) of byte addresses in the device's address space: the only range
// type, so that no comparison of ends is ever written by hand.
struct AddressRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  constexpr std::uint32_t size() const { return end - begin; }
  constexpr bool empty() const { return end <= begin; }
  constexpr bool contains(std::uint32_t address) const { return begin <= address && address < end; }
  constexpr bool contains(AddressRange other) const {
    return begin <= other.begin && other.end <= end;
  }
  constexpr bool overlaps(AddressRange other) const {
    return begin < other.end && other.begin < end;
  }
  constexpr bool operator==(const AddressRange&) const = default;
};

}  // namespace base
