// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/describe_message.h"

#include "sim/board/stored_module.h"

#include <cstdint>

namespace sim {
namespace {

using platform::ModuleFunction;

enum Field : std::uint8_t { kType = 1, kIndex, kVersion, kSize, kValidity, kDependencies };
constexpr std::uint8_t kModules = 1;
constexpr std::uint32_t kIntegrityFailed = 1;
constexpr std::uint32_t kDependencyFailed = 2;

// Protocol Buffers, encoding: a number, seven bits a byte, the lowest first.
void append_varint(base::Bytes& to, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7U) to.push_back(static_cast<std::uint8_t>(value | 0x80U));
  to.push_back(static_cast<std::uint8_t>(value));
}

void append_number(base::Bytes& to, std::uint8_t field, std::uint32_t value) {
  if (value == 0) return;
  to.push_back(static_cast<std::uint8_t>(8U * field));
  append_varint(to, value);
}

void append_part(base::Bytes& to, std::uint8_t field, const base::Bytes& part) {
  to.push_back(static_cast<std::uint8_t>(8U * field + 2U));
  append_varint(to, static_cast<std::uint32_t>(part.size()));
  to.insert(to.end(), part.begin(), part.end());
}

std::uint32_t type_of(ModuleFunction function) {
  switch (function) {
    case ModuleFunction::bootloader:
      return 1;
    case ModuleFunction::system_part:
      return 2;
    case ModuleFunction::user_part:
      return 3;
    case ModuleFunction::monolithic:
      return 4;
    default:
      return 0;
  }
}

base::Bytes dependency(const firmware::Dependency& from) {
  base::Bytes bytes;
  append_number(bytes, kType, type_of(from.module.function));
  append_number(bytes, kIndex, from.module.index);
  append_number(bytes, kVersion, from.version);
  return bytes;
}

bool holds(const FlashMemory& flash, const platform::Platform& platform,
           const firmware::Dependency& dependency) {
  if (dependency.none()) return true;
  const auto version = version_at(flash, platform, dependency.module);
  return version && *version >= dependency.version;
}

}  // namespace

base::Bytes describe_message(const FlashMemory& flash, const platform::Platform& platform,
                             const SystemProfile& profile) {
  base::Bytes all;
  for (const platform::ModuleId id :
       {platform::kBootloader, platform::kSystemPart1, platform::kSystemPart2,
        platform::kSystemPart3, platform::kUserPart}) {
    const StoredModule stored = look_at(flash, platform.slot(id)->flash);
    const firmware::ModuleHeader& header = stored.header;
    if (!stored.header_valid || !stored.in_store || type_of(header.id.function) == 0) continue;
    std::uint32_t validity = stored.crc_ok ? 0 : kIntegrityFailed;
    const bool second = profile.describes_dependency2;
    const bool met = holds(flash, platform, header.dependency1) &&
                     (!second || holds(flash, platform, header.dependency2));
    if (!met) validity |= kDependencyFailed;
    base::Bytes module;
    append_number(module, kType, type_of(header.id.function));
    append_number(module, kIndex, header.id.index);
    append_number(module, kVersion, header.version);
    append_number(module, kSize, header.end - header.start);
    append_number(module, kValidity, validity);
    for (const firmware::Dependency& each : {header.dependency1, header.dependency2}) {
      if (!each.none()) append_part(module, kDependencies, dependency(each));
    }
    append_part(all, kModules, module);
  }
  return all;
}

}  // namespace sim
