// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/acceptance.h"

#include "firmware/parse.h"
#include "sim/board/stored_module.h"

#include <algorithm>

namespace sim {
namespace {

using platform::ModuleFunction;

constexpr std::uint32_t kEveryCheck =
    kIntegrityCheck | kDependencyCheck | kRangeCheck | kPlatformCheck | kFullDependencyCheck;

class Rules {
 public:
  Rules(const FlashMemory& flash, const platform::Platform& platform, const SystemProfile& profile)
      : flash_(flash), platform_(platform), profile_(profile) {}

  // Where the module would go; null if this release knows no such module.
  const platform::Slot* bounds(platform::ModuleId id) const {
    if (id == platform::kBootloader && !profile_.accepts_bootloader) return nullptr;
    if (id == platform::kSystemPart3 && !profile_.acceptance_knows_index3) return nullptr;
    return platform_.slot(id);
  }

  // What the module asks for is there.
  bool forward(const firmware::ModuleHeader& module) const {
    // Without a first dependency the second is not looked at; a user part's are left to the start.
    if (module.dependency1.none() || module.id.function == ModuleFunction::user_part) return true;
    if (!satisfied(module.dependency1)) return false;
    if (profile_.acceptance != AcceptanceGeneration::both_dependencies) return true;
    return module.dependency2.none() ||
           module.dependency2.module.function == ModuleFunction::bootloader ||
           satisfied(module.dependency2);
  }

  // What the other system parts ask of this module holds with it, too.
  bool reverse(const firmware::ModuleHeader& module) const {
    if (profile_.acceptance == AcceptanceGeneration::without_index3) return true;
    if (module.id.function != ModuleFunction::system_part) return true;
    return std::all_of(platform_.slots.begin(), platform_.slots.end(), [&](const auto& slot) {
      if (slot.module.function != ModuleFunction::system_part || slot.module == module.id ||
          bounds(slot.module) == nullptr) {
        return true;
      }
      const StoredModule part = look_at(flash_, slot.flash);
      return !part.header_valid || !part.in_store || allows(part.header, module);
    });
  }

 private:
  bool satisfied(const firmware::Dependency& dependency) const {
    // An unknown module is a null pointer up to 2.0.1: the comparison uses whatever lies at address
    // 0x0000000A. Undefined there, refused since 2.1.0; refused here always.
    if (bounds(dependency.module) == nullptr) return false;
    const auto version = version_at(flash_, platform_, dependency.module);
    return version && *version >= dependency.version;
  }

  bool allows(const firmware::ModuleHeader& installed, const firmware::ModuleHeader& module) const {
    const auto holds = [&](const firmware::Dependency& dependency) {
      return dependency.module != module.id || module.version >= dependency.version;
    };
    if (!holds(installed.dependency1)) return false;
    return profile_.acceptance != AcceptanceGeneration::both_dependencies ||
           holds(installed.dependency2);
  }

  const FlashMemory& flash_;
  const platform::Platform& platform_;
  const SystemProfile& profile_;
};

}  // namespace

Judgement judge(const FlashMemory& flash, const platform::Platform& platform,
                const SystemProfile& profile, base::AddressRange staged) {
  Judgement judgement;
  const auto header = firmware::parse_header(flash.view(staged), nullptr);
  if (!header) {
    judgement.failed = kEveryCheck;
    return judgement;
  }
  judgement.header = *header;
  const Rules rules(flash, platform, profile);
  const platform::Slot* slot = rules.bounds(header->id);
  // Only the end is compared with the bounds. Out of them, nothing else is looked at and every
  // check counts as failed.
  if (slot == nullptr || header->end < slot->flash.begin || header->end > slot->flash.end) {
    judgement.failed = kEveryCheck;
    return judgement;
  }
  if (!look_at(flash, staged).crc_ok) judgement.failed |= kIntegrityCheck;
  if (header->platform != platform.id) judgement.failed |= kPlatformCheck;
  if (!rules.forward(*header) || !rules.reverse(*header)) {
    judgement.failed |= kDependencyCheck | kFullDependencyCheck;
  }
  return judgement;
}

}  // namespace sim
