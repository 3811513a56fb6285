// SPDX-License-Identifier: GPL-3.0-or-later
//
// The module list that a device answers to a USB request: whatever it holds, the parser ends within
// bounds, and what it accepts names modules.

#include "way/module_message.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto modules = way::parse_module_message(base::ByteView(data, size));
  if (!modules) return 0;
  if (modules->empty()) std::abort();
  for (const serial::DescribedModule& module : *modules) {
    if (module.function == 0 || (module.passed & ~module.checked) != 0) std::abort();
  }
  return 0;
}
