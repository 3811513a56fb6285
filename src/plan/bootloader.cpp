// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/bootloader.h"

namespace plan {
namespace {

using platform::kFirstNewBootloader;

// What the module that carries the image brings.
std::optional<std::uint16_t> carried_by(const InstalledModule& carrier,
                                        const release::Catalogue& catalogue) {
  const release::Match match = recognise(carrier, std::nullopt, catalogue);
  if (const release::CatalogueRelease* release = match.best()) {
    return release->embedded_bootloader_version;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint16_t> bootloader_after_start(const InstalledState& state,
                                                    const release::Catalogue& catalogue) {
  const std::optional<std::uint16_t> now = state.bootloader_version;
  const InstalledModule* rule = state.valid(platform::kSystemPart2);
  if (rule == nullptr || !starts(state)) return now;
  const std::uint16_t version = rule->version();
  const InstalledModule* carrier =
      version < kFirstWithIndex3 ? rule : state.valid(platform::kSystemPart3);
  if (carrier == nullptr) return now;
  const std::optional<std::uint16_t> carried = carried_by(*carrier, catalogue);
  if (!carried) return now;
  const bool puts_old_back = version == kVersion063 || version == kVersion064;
  if (version == kVersion064 && *carried >= kFirstNewBootloader) return now;
  if (puts_old_back && (!now || *now >= kFirstNewBootloader)) return carried;
  return !now || *now < *carried ? carried : now;
}

}  // namespace plan
