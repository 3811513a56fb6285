// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/part.h"

#include <fmt/format.h>

namespace ota {

const firmware::CheckedModule* file_for(const PartKey& part, const Wish& wish) {
  const auto fits = [&](const firmware::CheckedModule* file) {
    return file != nullptr && file->version() == part.version;
  };
  if (part.id == platform::kUserPart) {
    return wish.user_part && wish.user_part->version() == part.version ? &*wish.user_part : nullptr;
  }
  if (const release::ValidatedRelease* target = wish.library->find(wish.target)) {
    if (const auto* file = target->part(part.id); fits(file)) return file;
  }
  for (const release::ValidatedRelease& release : wish.library->releases) {
    if (const auto* file = release.part(part.id); fits(file)) return file;
  }
  return nullptr;
}

std::string file_name_of(const firmware::CheckedModule& module) {
  return fmt::format("{}-{}-v{}.bin", platform::name(module.id().function), module.id().index,
                     module.version());
}

}  // namespace ota
