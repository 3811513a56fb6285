// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/release_set.h"

#include <algorithm>

namespace release {

const firmware::CheckedModule* ValidatedRelease::part(platform::ModuleId id) const {
  const auto found =
      std::find_if(parts_.begin(), parts_.end(),
                   [&](const firmware::CheckedModule& part) { return part.id() == id; });
  return found == parts_.end() ? nullptr : &*found;
}

int ValidatedRelease::part_number(platform::ModuleId id) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].id() == id) return part_numbers_[i];
  }
  return 0;
}

const ValidatedRelease* Library::find(const Version& version) const {
  for (const ValidatedRelease& release : releases) {
    if (release.version() == version) return &release;
  }
  for (const ValidatedRelease& release : releases) {
    const auto& names = release.may_be();
    if (std::find(names.begin(), names.end(), version) != names.end()) return &release;
  }
  return nullptr;
}

const ReleaseStatus* Library::find_status(const Version& version) const {
  const auto found = std::find_if(status.begin(), status.end(), [&](const ReleaseStatus& entry) {
    return entry.version == version;
  });
  return found == status.end() ? nullptr : &*found;
}

}  // namespace release
