// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/files.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace test_support {

// Every n-th place of a sweep is taken: ER_SWEEP_STRIDE, or what the sweep takes by itself.
inline std::uint64_t sweep_stride(std::uint64_t by_default = 1) {
  const std::string set = base::environment("ER_SWEEP_STRIDE");
  if (set.empty()) return by_default;
  return std::max<std::uint64_t>(1, std::strtoull(set.c_str(), nullptr, 10));
}

}  // namespace test_support
