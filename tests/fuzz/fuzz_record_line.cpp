// SPDX-License-Identifier: GPL-3.0-or-later
//
// A line of a file that `station db import` takes in: what is read comes out again as it was.
#include "records/exchange.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entry = records::entry_of(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!entry) return 0;
  const std::string line = records::line_of(*entry);
  const auto again = records::entry_of(line);
  if (!again || records::line_of(*again) != line) std::abort();
  return 0;
}
