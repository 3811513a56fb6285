// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/describe_json.h"

#include "sim/firmware/acceptance.h"

#include <fmt/format.h>

namespace sim {
namespace {

using platform::ModuleFunction;

constexpr std::uint32_t kChecked =
    kIntegrityCheck | kDependencyCheck | kRangeCheck | kPlatformCheck;

// device-os v0.6.4: system/src/system_info.cpp
std::string_view letter(ModuleFunction function) {
  switch (function) {
    case ModuleFunction::resource:
      return "r";
    case ModuleFunction::bootloader:
      return "b";
    case ModuleFunction::monolithic:
      return "m";
    case ModuleFunction::system_part:
      return "s";
    case ModuleFunction::user_part:
      return "u";
    default:
      return "_";
  }
}

class Describer {
 public:
  Describer(const FlashMemory& flash, const SystemProfile& profile, const FirmwareOptions& options)
      : flash_(flash), platform_(*options.platform), profile_(profile) {}

  // A store that every release knows: the slot of `id`.
  void add_slot(platform::ModuleId id) {
    const platform::Slot* slot = platform_.slot(id);
    if (slot != nullptr) add(look_at(flash_, slot->flash), slot->flash.size(), "m");
  }

  void add_factory() {
    StoredModule image = look_at(flash_, factory_store(platform_, profile_));
    const platform::Slot* user = platform_.slot(platform::kUserPart);
    // The copy keeps the address that it is made for.
    image.in_store = image.header_valid && user != nullptr &&
                     image.header.start == user->flash.begin && image.header.end < user->flash.end;
    if (!sparse() && !padded() && !image.whole()) return;
    add(image, image.store.size(), "f");
  }

  // device-os v3.2.0: hal/src/electron/ota_module_bounds.c ends with null entries: a store of no
  // size at address 0, where the microcontroller shows the bootloader a second time.
  void add_stray() {
    StoredModule bootloader = look_at(flash_, platform_.slot(platform::kBootloader)->flash);
    bootloader.in_store = false;
    add(bootloader, 0, "m");
  }

  const std::string& text() const { return text_; }

 private:
  bool padded() const { return profile_.describe_shape == DescribeShape::padded; }
  bool sparse() const { return profile_.describe_shape == DescribeShape::sparse; }

  void add(const StoredModule& module, std::uint32_t size, std::string_view location) {
    const bool range_must_fit = padded() || sparse();
    const bool valid = module.header_valid && (module.in_store || !range_must_fit);
    if (!valid && !padded()) return;
    if (!text_.empty()) text_ += ',';
    text_ += fmt::format(R"({{"s":{},"l":"{}","vc":{},"vv":{})", size, location, kChecked,
                         valid ? passed(module) : 0);
    if (valid) add_header(module);
    text_ += fmt::format(R"(,"d":[{}]}})", valid ? dependencies(module.header) : "");
  }

  void add_header(const StoredModule& module) {
    const firmware::ModuleHeader& header = module.header;
    if (header.id.function == ModuleFunction::user_part) {
      text_ += fmt::format(R"(,"u":"{}")", suffix_sha(module));
    }
    text_ += fmt::format(R"(,"f":"{}","n":"{}","v":{})", letter(header.id.function),
                         header.id.index, header.version);
  }

  std::uint32_t passed(const StoredModule& module) const {
    std::uint32_t mask = 0;
    if (module.crc_ok) mask |= kIntegrityCheck;
    if (module.in_store) mask |= kRangeCheck;
    if (module.header.platform == platform_.id) mask |= kPlatformCheck;
    const firmware::ModuleHeader& header = module.header;
    const bool second = profile_.describes_dependency2;
    if (holds(header.dependency1) && (!second || holds(header.dependency2))) {
      mask |= kDependencyCheck;
    }
    return mask;
  }

  bool holds(const firmware::Dependency& dependency) const {
    if (dependency.none()) return true;
    const auto version = version_at(flash_, platform_, dependency.module);
    return version && *version >= dependency.version;
  }

  std::string dependencies(const firmware::ModuleHeader& header) const {
    std::string text = dependency(header.dependency1);
    if (profile_.describes_dependency2 && !header.dependency2.none()) {
      if (!text.empty()) text += ',';
      text += dependency(header.dependency2);
    }
    return text;
  }

  std::string dependency(const firmware::Dependency& dependency) const {
    if (dependency.none()) return {};
    const std::string_view padding =
        padded() || sparse() ? std::string_view(R"(,"_":"")") : std::string_view();
    return fmt::format(R"({{"f":"{}","n":"{}","v":{}{}}})", letter(dependency.module.function),
                       dependency.module.index, dependency.version, padding);
  }

  // 34 bytes before the module's end (device-os: services/inc/module_info.h), in upper case.
  std::string suffix_sha(const StoredModule& module) const {
    constexpr std::size_t kBeforeEnd = 34;
    constexpr std::size_t kSize = 32;
    const std::size_t length = module.header.end - module.header.start;
    const base::ByteView bytes = flash_.view(module.store);
    if (length < kBeforeEnd || length > bytes.size()) return {};
    std::string text;
    for (const std::uint8_t byte : bytes.subspan(length - kBeforeEnd, kSize)) {
      text += fmt::format("{:02X}", byte);
    }
    return text;
  }

  const FlashMemory& flash_;
  const platform::Platform& platform_;
  const SystemProfile& profile_;
  std::string text_;
};

std::string text_field(std::string_view name, const std::string& value) {
  return value.empty() ? std::string() : fmt::format(R"("{}":"{}",)", name, value);
}

}  // namespace

std::string describe_modules(const FlashMemory& flash, const SystemProfile& profile,
                             const FirmwareOptions& options) {
  Describer modules(flash, profile, options);
  modules.add_slot(platform::kBootloader);
  modules.add_slot(platform::kSystemPart1);
  modules.add_slot(platform::kSystemPart2);
  if (profile.describes_index3) modules.add_slot(platform::kSystemPart3);
  modules.add_slot(platform::kUserPart);
  modules.add_factory();
  if (profile.describe_shape == DescribeShape::plain_stray) {
    modules.add_stray();
    modules.add_stray();
  }
  return fmt::format(
      R"({{"p":{},{}{}{}"m":[{}]}})", options.platform->id, text_field("imei", options.imei),
      text_field("iccid", options.iccid),
      profile.has_modem_firmware ? text_field("cellfw", options.modem_firmware) : std::string(),
      modules.text());
}

}  // namespace sim
