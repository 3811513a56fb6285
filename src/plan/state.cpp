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

InstalledModule from_file(const release::CatalogueFile& file, const platform::Platform& platform) {
  Read read;
  read.header.start = file.start;
  read.header.end = file.start + file.length - 4;
  read.header.version = file.version;
  read.header.platform = platform.id;
  read.header.id = file.id;
  if (!file.dependencies.empty()) read.header.dependency1 = file.dependencies[0];
  if (file.dependencies.size() > 1) read.header.dependency2 = file.dependencies[1];
  read.header_offset = header_offset_of(file.id);
  read.crc32 = file.crc32;
  return {file.id, read};
}

}  // namespace

bool loops(const InstalledState& state) {
  const InstalledModule* index2 = state.valid(kSystemPart2);
  const InstalledModule* index3 = state.valid(kSystemPart3);
  return index2 != nullptr && index3 != nullptr && index2->version() == kVersion063 &&
         index3->version() >= kFirstOf070;
}

bool starts(const InstalledState& state) {
  const InstalledModule* index1 = state.valid(kSystemPart1);
  const InstalledModule* index2 = state.valid(kSystemPart2);
  if (index1 == nullptr || index2 == nullptr || loops(state)) return false;
  const std::uint16_t version2 = index2->version();
  if (index1->version() < version2) return false;
  if (version2 < kFirstWithIndex3) return true;
  const InstalledModule* index3 = state.valid(kSystemPart3);
  return index3 != nullptr && index3->version() >= version2;
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::runs:
      return "runs";
    case Verdict::safe_mode:
      return "safe-mode";
    case Verdict::does_not_boot:
      return "does-not-boot";
    case Verdict::restores_factory:
      return "restores-factory";
    case Verdict::restarts:
      return "restarts";
    case Verdict::unknown:
      break;
  }
  return "unknown";
}

std::string_view name(Configuration configuration) {
  switch (configuration) {
    case Configuration::blank:
      return "blank";
    case Configuration::programmed:
      return "programmed";
    case Configuration::unknown:
      break;
  }
  return "unknown";
}

std::uint32_t header_offset_of(ModuleId id) {
  const bool has_vectors =
      id == kSystemPart1 || id == kSystemPart2 || id.function == ModuleFunction::bootloader;
  return has_vectors ? kBehindVectors : 0;
}

const InstalledModule* InstalledState::find(ModuleId id) const {
  const auto found = std::ranges::find(modules, id, &InstalledModule::id);
  return found == modules.end() ? nullptr : &*found;
}

const InstalledModule* InstalledState::monolithic() const {
  const auto found = std::ranges::find_if(modules, [](const InstalledModule& module) {
    return module.id.function == ModuleFunction::monolithic;
  });
  return found == modules.end() ? nullptr : &*found;
}

const InstalledModule* InstalledState::valid(ModuleId id) const {
  const InstalledModule* module = find(id);
  return module != nullptr && module->valid() ? module : nullptr;
}

InstalledModule module_by_age(ModuleId id, std::uint16_t version,
                              std::optional<std::uint16_t> bootloader_dependency) {
  Told told;
  told.version = version;
  if (id == kSystemPart1 && version >= kFirstWithIndex3) {
    told.dependencies[0] = {kSystemPart3, version};
  } else if (id == kSystemPart2) {
    told.dependencies[0] = {kSystemPart1, version};
    if (bootloader_dependency) {
      told.dependencies[1] = {platform::kBootloader, *bootloader_dependency};
    }
  } else if (id == kSystemPart3 && version >= kFirstOf070) {
    told.dependencies[0] = {kSystemPart2, kVersion064};
  }
  return {id, std::move(told)};
}

release::Match recognise(const InstalledModule& module, const std::optional<release::Version>& told,
                         const release::Catalogue& catalogue) {
  release::Match match;
  if (!module.valid()) return match;
  if (const Read* read = module.read()) {
    match = catalogue.recognise(read->header, read->crc32);
  } else if (module.id.function == ModuleFunction::system_part) {
    match.releases = catalogue.with_module_version(module.version());
    if (!match.releases.empty()) match.how = release::Recognition::by_version;
  }
  if (match.how != release::Recognition::by_version || !told) return match;
  if (const release::CatalogueRelease* named = match.named(*told)) {
    match.releases = {named};
    match.contradicting.clear();
  }
  return match;
}

std::string release_name(const InstalledModule& module, const std::optional<release::Version>& told,
                         const release::Catalogue& catalogue) {
  if (!module.valid() || module.id.function != ModuleFunction::system_part) return {};
  const release::Match match = recognise(module, told, catalogue);
  const release::CatalogueRelease* best = match.best();
  if (best == nullptr) return "in no release";
  if (match.how == release::Recognition::mismatch) return best->version.text() + ", other build";
  return best->version.text() + (match.releases.size() > 1 ? " or like it" : "");
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
      state.modules.push_back(module_by_age(id, version, release.bootloader_dependency));
    };
    add(kSystemPart1);
    add(kSystemPart2);
    if (version >= kFirstWithIndex3) add(kSystemPart3);
  }
  if (state.find(kSystemPart1) != nullptr && state.find(kSystemPart3) == nullptr) {
    state.modules.push_back({.id = kSystemPart3});
  }
  std::ranges::sort(state.modules, {}, &InstalledModule::id);
  return state;
}

}  // namespace plan
