// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/state.h"

#include <algorithm>

namespace plan {
namespace {

using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::ModuleFunction;
using platform::ModuleId;

// The offset of the header behind the vector table; index 3 and applications have none (device-os
// v2.3.1: services/inc/module_info.h, the linker files of each part).
constexpr std::uint32_t kBehindVectors = 0x184;

std::uint32_t header_offset_of(ModuleId id) {
  const bool has_vectors =
      id == kSystemPart1 || id == kSystemPart2 || id.function == ModuleFunction::bootloader;
  return has_vectors ? kBehindVectors : 0;
}

InstalledModule from_file(const release::CatalogueFile& file, const platform::Platform& platform) {
  InstalledModule module;
  module.id = file.id;
  module.health = Health::valid;
  module.header.start = file.start;
  module.header.end = file.start + file.length - 4;
  module.header.version = file.version;
  module.header.platform = platform.id;
  module.header.id = file.id;
  if (!file.dependencies.empty()) module.header.dependency1 = file.dependencies[0];
  if (file.dependencies.size() > 1) module.header.dependency2 = file.dependencies[1];
  module.header_offset = header_offset_of(file.id);
  module.crc32 = file.crc32;
  module.crc_ok = true;
  return module;
}

}  // namespace

const InstalledModule* InstalledState::find(ModuleId id) const {
  const auto found = std::ranges::find(modules, id, &InstalledModule::id);
  return found == modules.end() ? nullptr : &*found;
}

const InstalledModule* InstalledState::valid(ModuleId id) const {
  const InstalledModule* module = find(id);
  return module != nullptr && module->valid() ? module : nullptr;
}

InstalledModule installed(const firmware::CheckedModule& module) {
  InstalledModule result;
  result.id = module.id();
  result.health = Health::valid;
  result.header = module.header();
  result.header_offset = module.header_offset();
  result.crc32 = module.crc32();
  result.crc_ok = true;
  return result;
}

InstalledModule module_by_age(ModuleId id, std::uint16_t version,
                              std::optional<std::uint16_t> bootloader_dependency,
                              const platform::Platform& platform) {
  InstalledModule module;
  module.id = id;
  module.health = Health::valid;
  module.crc_ok = true;
  module.header_offset = header_offset_of(id);
  firmware::ModuleHeader& header = module.header;
  const platform::Slot* slot = platform.slot(id);
  if (slot != nullptr) header.start = header.end = slot->flash.begin;
  header.version = version;
  header.platform = platform.id;
  header.id = id;
  if (id == kSystemPart1 && version >= kFirstWithIndex3) {
    header.dependency1 = {kSystemPart3, version};
  } else if (id == kSystemPart2) {
    header.dependency1 = {kSystemPart1, version};
    if (bootloader_dependency) {
      header.dependency2 = {platform::kBootloader, *bootloader_dependency};
    }
  } else if (id == kSystemPart3 && version >= kFirstOf070) {
    header.dependency1 = {kSystemPart2, kVersion064};
  }
  return module;
}

bool same(const InstalledModule& a, const InstalledModule& b) {
  if (!a.valid() || !b.valid() || a.id != b.id) return false;
  if (a.header.version != b.header.version) return false;
  if (a.bytes_known() && b.bytes_known()) {
    return a.header.size() == b.header.size() && a.crc32 == b.crc32;
  }
  // A device that was asked over serial vouches for integrity and version; old numbers name several
  // releases, and for those that is not enough.
  return release::Catalogue::embedded().with_module_version(a.header.version).size() == 1;
}

InstalledState state_of(const release::CatalogueRelease& release,
                        const platform::Platform& platform) {
  InstalledState state;
  state.platform = &platform;
  state.bootloader_version = release.embedded_bootloader_version;
  for (const release::CatalogueFile& file : release.parts) {
    state.modules.push_back(from_file(file, platform));
  }
  if (release.parts.empty() && release.module_version) {
    const std::uint16_t version = *release.module_version;
    const auto add = [&](ModuleId id) {
      state.modules.push_back(module_by_age(id, version, release.bootloader_dependency, platform));
    };
    add(kSystemPart1);
    add(kSystemPart2);
    if (version >= kFirstWithIndex3) add(kSystemPart3);
  }
  if (state.find(kSystemPart1) != nullptr && state.find(kSystemPart3) == nullptr) {
    InstalledModule blank;
    blank.id = kSystemPart3;
    state.modules.push_back(blank);
  }
  std::ranges::sort(state.modules, {}, &InstalledModule::id);
  return state;
}

}  // namespace plan
