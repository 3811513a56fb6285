// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/synthetic.h"

#include "firmware/build.h"

#include <string_view>

namespace sim {
namespace {

using firmware::Dependency;

constexpr std::uint16_t kAppVersion = 3;
constexpr std::uint32_t kAppSize = 8 * 1024;
constexpr std::uint32_t kBootloaderSize = 15'664;
// An oracle of its own: what the planner believes (platform/electron_history.h) is tested against
// it.
constexpr std::uint16_t kFirstWithIndex3 = 100;     // 0.6.0
constexpr std::uint16_t kFirstNewGeneration = 200;  // 0.7.0
constexpr std::uint16_t kNeededIndex2 = 110;

// As large as the parts of the neighbours are.
std::uint32_t usual_size(std::uint8_t index) {
  switch (index) {
    case 1:
      return 123'000;
    case 2:
      return 120'000;
    default:
      return 79'000;
  }
}

std::vector<Dependency> usual_dependencies(std::uint8_t index,
                                           const release::CatalogueRelease& release) {
  const std::uint16_t own = *release.module_version;
  switch (index) {
    case 1:
      if (own < kFirstWithIndex3) return {};
      return {{platform::kSystemPart3, own}};
    case 2: {
      std::vector<Dependency> needs{{platform::kSystemPart1, own}};
      if (release.bootloader_dependency) {
        needs.push_back({platform::kBootloader, *release.bootloader_dependency});
      }
      return needs;
    }
    default:
      if (own < kFirstNewGeneration) return {};
      return {{platform::kSystemPart2, kNeededIndex2}};
  }
}

base::Bytes synthesise_part(const release::CatalogueRelease& release, std::uint8_t index,
                            const platform::Platform& platform) {
  const platform::ModuleId id{platform::ModuleFunction::system_part, index};
  const release::CatalogueFile* file = release.part(id);
  const std::vector<Dependency> needs =
      file != nullptr ? file->dependencies : usual_dependencies(index, release);
  firmware::BuildRequest request;
  request.id = id;
  request.version = *release.module_version;
  request.size = file != nullptr ? file->length : usual_size(index);
  request.seed = request.version * 8U + index;
  if (!needs.empty()) request.dependency1 = needs[0];
  if (needs.size() > 1) request.dependency2 = needs[1];
  return firmware::build(request, platform);
}

}  // namespace

std::vector<base::Bytes> synthesise_release(const release::CatalogueRelease& release,
                                            const platform::Platform& platform) {
  std::vector<base::Bytes> parts;
  if (!release.module_version) return parts;
  for (std::uint8_t index = 1; index <= 3; ++index) {
    if (release.has_index(index)) parts.push_back(synthesise_part(release, index, platform));
  }
  return parts;
}

base::Bytes synthesise_bootloader_image(std::uint16_t version, const platform::Platform& platform) {
  firmware::BuildRequest request;
  request.id = platform::kBootloader;
  request.version = version;
  request.size = kBootloaderSize;
  request.seed = version;
  return firmware::build(request, platform);
}

base::Bytes synthesise_user_app(const platform::Platform& platform) {
  firmware::BuildRequest request;
  request.id = platform::kUserPart;
  request.version = kAppVersion;
  request.size = kAppSize;
  request.seed = kAppVersion;
  request.dependency1 = {platform::kSystemPart2, 1};
  return firmware::build(request, platform);
}

std::uint16_t bootloader_of(const release::CatalogueRelease& release) {
  return release.embedded_bootloader_version.value_or(release.bootloader_version);
}

}  // namespace sim
