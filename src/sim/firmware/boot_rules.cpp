// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/boot_rules.h"

#include "base/checksum.h"
#include "firmware/build.h"
#include "firmware/parse.h"

#include <algorithm>

namespace sim {
namespace {

constexpr std::uint16_t kFirstNewGeneration = 100;  // bootloader of 0.7.0
constexpr std::uint32_t kSynthesisedSize = 15664;   // that of most released ones

// The word at 0 is a RAM address and the one at 4 points into the part: the jump gets somewhere.
bool has_vectors(const FlashMemory& flash, const StoredModule& module) {
  const base::ByteView bytes = flash.view(module.store);
  return (base::load_le32(bytes, 0) & 0x2FF10000U) == 0x20000000U &&
         module.store.contains(base::load_le32(bytes, 4));
}

bool wants_to_install(BootloaderRule rule, std::uint16_t installed, std::uint16_t carried) {
  switch (rule) {
    case BootloaderRule::never:
      return false;
    case BootloaderRule::older:
      return installed < carried;
    case BootloaderRule::older_or_newer_gen:
      return installed < carried || installed >= kFirstNewGeneration;
    case BootloaderRule::keep_old_gen:
      return (installed < carried || installed >= kFirstNewGeneration) &&
             carried < kFirstNewGeneration;
  }
  return false;
}

base::Bytes synthesise_bootloader(std::uint16_t version, const platform::Platform& platform) {
  firmware::BuildRequest request;
  request.id = platform::kBootloader;
  request.version = version;
  request.size = kSynthesisedSize;
  request.seed = version;
  return firmware::build(request, platform);
}

}  // namespace

InstalledParts look_at_parts(const FlashMemory& flash, const platform::Platform& platform) {
  const auto part = [&](platform::ModuleId id) {
    const platform::Slot* slot = platform.slot(id);
    return slot == nullptr ? StoredModule{} : look_at(flash, slot->flash);
  };
  InstalledParts parts{false, part(platform::kSystemPart1), part(platform::kSystemPart2),
                       part(platform::kSystemPart3), part(platform::kUserPart)};
  if (parts.index1.header.id.function == platform::ModuleFunction::monolithic) {
    parts.monolithic = true;
    const StoredModule whole = look_at(flash, {parts.index1.store.begin, platform.factory.begin});
    parts.index1 = whole;
    parts.index2 = whole;
  }
  return parts;
}

StartVerdict judge_start(const FlashMemory& flash, const InstalledParts& parts) {
  // Index 1's reset code jumps through index 2's vector at once; handlers come after that.
  if (!has_vectors(flash, parts.index1) || !has_vectors(flash, parts.index2)) {
    return StartVerdict::hangs;
  }
  if (!parts.index1.whole() || !parts.index2.whole()) return StartVerdict::panics;
  if (parts.monolithic) return StartVerdict::runs;
  // Export tables only grow: an older index 2 finds all it needs in newer parts, a newer one does
  // not find it in older parts.
  const std::uint16_t version = parts.index2.header.version;
  if (version > parts.index1.header.version) return StartVerdict::panics;
  if (system_profile(version).needs_index3 &&
      (!parts.index3.whole() || version > parts.index3.header.version)) {
    return StartVerdict::panics;
  }
  return StartVerdict::runs;
}

bool user_part_usable(const FlashMemory& flash, const platform::Platform& platform,
                      const SystemProfile& profile, const InstalledParts& parts) {
  const auto holds = [&](const firmware::Dependency& dependency) {
    if (dependency.none()) return true;
    const auto version = version_at(flash, platform, dependency.module);
    return version && *version >= dependency.version;
  };
  const StoredModule& user = parts.user;
  return user.whole() && user.header.platform == platform.id && holds(user.header.dependency1) &&
         (!profile.describes_dependency2 || holds(user.header.dependency2));
}

base::AddressRange factory_store(const platform::Platform& platform, const SystemProfile& profile) {
  if (!profile.factory_in_free_sector) return platform.factory;
  const auto sector =
      std::find_if(platform.sectors.begin(), platform.sectors.end(),
                   [](const auto& s) { return s.use == platform::SectorUse::free; });
  return sector == platform.sectors.end() ? platform.factory : sector->range;
}

bool has_factory_image(const FlashMemory& flash, const platform::Platform& platform,
                       const SystemProfile& profile) {
  const platform::Slot* user = platform.slot(platform::kUserPart);
  const StoredModule image = look_at(flash, factory_store(platform, profile));
  return user != nullptr && image.header_valid && image.crc_ok &&
         image.header.start == user->flash.begin && image.header.platform == platform.id;
}

base::Bytes bootloader_to_install(const FlashMemory& flash, const platform::Platform& platform,
                                  const SystemProfile& profile, const InstalledParts& parts) {
  if (profile.bootloader_rule == BootloaderRule::never || parts.monolithic) return {};
  const StoredModule& carrier = profile.bootloader_in_index2 ? parts.index2 : parts.index3;
  if (!carrier.whole()) return {};
  const std::uint16_t installed = version_at(flash, platform, platform::kBootloader).value_or(0);
  const base::ByteView image = find_bootloader_image(flash.view(carrier.store), platform);
  if (!image.empty()) {
    const auto header = firmware::parse_header(image, nullptr);
    if (!wants_to_install(profile.bootloader_rule, installed, header->version)) return {};
    return {image.begin(), image.end()};
  }
  const auto carried = carried_bootloader(carrier.header.version);
  if (!carried || !wants_to_install(profile.bootloader_rule, installed, *carried)) return {};
  return synthesise_bootloader(*carried, platform);
}

}  // namespace sim
