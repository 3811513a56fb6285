// SPDX-License-Identifier: GPL-3.0-or-later
#include "vault/backup_file.h"

#include "base/checksum.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

namespace vault {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "electron-rescue backup 1\n";
constexpr std::string_view kMagicOfAnyVersion = "electron-rescue backup ";
constexpr std::size_t kLongestManifest = 64 * 1024;
constexpr std::size_t kMostRegions = 16;
constexpr std::size_t kChecksumSize = sizeof(base::Sha256);

base::Error damaged(const std::string& what) {
  return base::make_error(base::Errc::bad_file, "backup-damaged",
                          "the backup file is damaged: " + what, "use another backup");
}

bool is_configuration(const platform::Platform& platform, base::AddressRange range) {
  return range == platform.configuration;
}

const platform::Sector* whole_module_sector(const platform::Platform& platform,
                                            base::AddressRange range) {
  const platform::Sector* sector = platform.sector_at(range.begin);
  const bool known =
      sector != nullptr && sector->range == range &&
      (sector->use == platform::SectorUse::module || sector->use == platform::SectorUse::factory);
  return known ? sector : nullptr;
}

std::optional<std::uint32_t> address_in(const json& value) {
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  if (text.size() != 10 || !text.starts_with("0x")) return std::nullopt;
  const base::Bytes bytes = base::from_hex(std::string_view(text).substr(2));
  if (bytes.size() != 4) return std::nullopt;
  return base::load_be32(bytes, 0);
}

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return base::printable(found->get<std::string>());
}

json manifest(const Backup& backup, const platform::Platform& platform) {
  json regions = json::array();
  std::size_t offset = 0;
  for (const BackupRegion& region : backup.regions) {
    regions.push_back({{"name", region.name},
                       {"address", base::hex32(region.range.begin)},
                       {"size", region.content.size()},
                       {"offset", offset},
                       {"sha256", base::to_hex(base::sha256(region.content))}});
    offset += region.content.size();
  }
  return {{"platform", backup.platform},
          {"platform_name", platform.name},
          {"device", backup.device},
          {"made_at", backup.made_at},
          {"keys", holds_keys(platform, backup)},
          {"regions", regions}};
}

// One entry of the manifest and the bytes it speaks of. Regions follow each other without gap, so
// the offset can only be `expected_offset`.
base::Result<BackupRegion> region_in(const json& entry, base::ByteView data,
                                     std::size_t expected_offset,
                                     const platform::Platform& platform) {
  if (!entry.is_object()) return damaged("a region is not described");
  const auto size = entry.find("size");
  const auto offset = entry.find("offset");
  const auto address = entry.find("address");
  if (size == entry.end() || !size->is_number_unsigned() || offset == entry.end() ||
      !offset->is_number_unsigned() || address == entry.end()) {
    return damaged("a region is not described whole");
  }
  const auto begin = address_in(*address);
  const auto length = size->get<std::uint64_t>();
  if (!begin || length > data.size() || offset->get<std::uint64_t>() != expected_offset ||
      length > data.size() - expected_offset) {
    return damaged("a region lies outside of the file");
  }
  const std::uint64_t end = *begin + length;
  BackupRegion region;
  region.range = {*begin, static_cast<std::uint32_t>(std::min<std::uint64_t>(end, UINT32_MAX))};
  region.name = region_name(platform, region.range);
  if (region.name.empty()) {
    return damaged(fmt::format("the region at {} with {} bytes is none of the {}'s",
                               base::hex32(*begin), length, platform.name));
  }
  const base::ByteView content = data.subspan(expected_offset, length);
  region.content.assign(content.begin(), content.end());
  if (text_in(entry, "sha256") != base::to_hex(base::sha256(content))) {
    return damaged("the checksum of " + region.name + " is wrong");
  }
  return region;
}

base::Result<Backup> read_manifest(const json& document, base::ByteView data,
                                   const platform::Platform& platform) {
  const auto id = document.find("platform");
  const auto regions = document.find("regions");
  if (id == document.end() || !id->is_number_unsigned() || regions == document.end() ||
      !regions->is_array() || regions->size() > kMostRegions) {
    return damaged("its manifest is not whole");
  }
  if (id->get<std::uint64_t>() != platform.id) {
    return base::make_error(base::Errc::bad_module, "wrong-platform",
                            fmt::format("the backup is not one of an {}", platform.name),
                            "use a backup of this device");
  }
  Backup backup;
  backup.platform = platform.id;
  backup.device = text_in(document, "device");
  backup.made_at = text_in(document, "made_at");
  std::size_t offset = 0;
  for (const json& entry : *regions) {
    TRY_ASSIGN(BackupRegion region, region_in(entry, data, offset, platform));
    offset += region.content.size();
    for (const BackupRegion& other : backup.regions) {
      if (other.range.overlaps(region.range)) return damaged(region.name + " is there twice");
    }
    backup.regions.push_back(std::move(region));
  }
  if (offset != data.size()) return damaged("there are bytes that no region owns");
  return backup;
}

}  // namespace

std::string region_name(const platform::Platform& platform, base::AddressRange range) {
  if (is_configuration(platform, range)) return "configuration";
  const platform::Sector* sector = whole_module_sector(platform, range);
  if (sector == nullptr) return {};
  if (sector->use == platform::SectorUse::factory) return "factory";
  const platform::Slot* slot = platform.slot_at(range.begin);
  if (slot == nullptr) return {};
  const std::string function(platform::name(slot->module.function));
  if (slot->module.function != platform::ModuleFunction::system_part) return function;
  return fmt::format("{}-{}", function, slot->module.index);
}

bool holds_keys(const platform::Platform& platform, const Backup& backup) {
  return std::any_of(backup.regions.begin(), backup.regions.end(), [&](const BackupRegion& r) {
    return r.range.overlaps(platform.configuration);
  });
}

base::Bytes encode(const Backup& backup, const platform::Platform& platform) {
  const std::string text =
      std::string(kMagic) +
      manifest(backup, platform).dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
  base::Bytes file(text.begin(), text.end());
  for (const BackupRegion& region : backup.regions) {
    file.insert(file.end(), region.content.begin(), region.content.end());
  }
  const base::Sha256 checksum = base::sha256(file);
  file.insert(file.end(), checksum.begin(), checksum.end());
  return file;
}

base::Result<Backup> decode(base::ByteView file, const platform::Platform& platform) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()),
                              std::min(file.size(), kMagic.size() + kLongestManifest));
  if (!text.starts_with(kMagicOfAnyVersion)) {
    return base::make_error(base::Errc::bad_file, "no-backup", "it is no backup file",
                            "give a file that `electron-rescue backup` has written");
  }
  if (!text.starts_with(kMagic)) {
    return base::make_error(base::Errc::bad_file, "backup-version",
                            "the backup file is of a version that this program does not know",
                            "use a newer electron-rescue");
  }
  if (file.size() < kMagic.size() + kChecksumSize) return damaged("it is cut off");
  const base::ByteView covered = file.first(file.size() - kChecksumSize);
  if (!std::ranges::equal(base::sha256(covered), file.last(kChecksumSize))) {
    return damaged("its checksum is wrong");
  }
  const std::size_t end = text.find('\n', kMagic.size());
  if (end == std::string_view::npos || end >= covered.size()) return damaged("it has no manifest");
  const json document =
      json::parse(text.substr(kMagic.size(), end - kMagic.size()), nullptr, false);
  if (!document.is_object()) return damaged("its manifest makes no sense");
  return read_manifest(document, covered.subspan(end + 1), platform);
}

}  // namespace vault
