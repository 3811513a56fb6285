// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What goes over the air in one piece.

#include "ota/wish.h"

#include <cstdint>
#include <string>

namespace ota {

// Which module of which version: what a proof is about.
struct PartKey {
  platform::ModuleId id;
  std::uint16_t version = 0;
  auto operator<=>(const PartKey&) const = default;
};

// The file of a part, from the target's first; null if none is at hand.
const firmware::CheckedModule* file_for(const PartKey& part, const Wish& wish);
// The name under which it is sent: what it is, and .bin, whatever the file is called here.
std::string file_name_of(const firmware::CheckedModule& module);

}  // namespace ota
