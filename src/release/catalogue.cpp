// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace release {
namespace {

// What recognition goes by.
struct Traits {
  platform::ModuleId id;
  std::uint16_t version;
  std::uint32_t length;
  std::uint32_t crc32;
  // Of the file, and of what comes before the digest in its suffix; null: the module is in flash.
  const base::Sha256* sha256;
  const base::Sha256* content_sha256;
};

// none: another file.
std::optional<Recognition> same_file(const CatalogueFile& file, const Traits& traits) {
  if (file.id != traits.id) return std::nullopt;
  if (traits.sha256 != nullptr && file.sha256) {
    return *file.sha256 == *traits.sha256 ? std::optional(Recognition::by_sha256) : std::nullopt;
  }
  if (file.version != traits.version || file.length != traits.length ||
      file.crc32 != traits.crc32) {
    return std::nullopt;
  }
  if (traits.content_sha256 == nullptr || !file.content_sha256) return Recognition::by_crc;
  return *file.content_sha256 == *traits.content_sha256 ? std::optional(Recognition::by_sha256)
                                                        : std::nullopt;
}

// The files of `release` that could be the module `id`.
std::vector<const CatalogueFile*> files_for(const CatalogueRelease& release,
                                            platform::ModuleId id) {
  std::vector<const CatalogueFile*> files;
  if (const CatalogueFile* part = release.part(id)) files.push_back(part);
  if (id == platform::kBootloader) {
    if (release.bootloader) files.push_back(&*release.bootloader);
    if (release.embedded_bootloader) files.push_back(&*release.embedded_bootloader);
  }
  return files;
}

bool claims(const CatalogueRelease& release, const Traits& traits) {
  if (traits.id == platform::kBootloader) {
    return release.bootloader_version == traits.version ||
           release.embedded_bootloader_version == traits.version;
  }
  return traits.id.function == platform::ModuleFunction::system_part &&
         release.module_version == traits.version && release.has_index(traits.id.index);
}

// True if the bytes of this module in `release` are known for sure: then a module with other bytes
// is not of this release. A +debug file says nothing about the plain one.
bool settles(const CatalogueRelease& release, const Traits& traits) {
  const auto files = files_for(release, traits.id);
  return std::any_of(files.begin(), files.end(), [&](const CatalogueFile* file) {
    return file->version == traits.version && !file->debug();
  });
}

Match recognise_by(std::span<const CatalogueRelease> releases, const Traits& traits) {
  Match match;
  for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
    for (const CatalogueFile* file : files_for(*release, traits.id)) {
      const std::optional<Recognition> how = same_file(*file, traits);
      if (!how) continue;
      match.releases.push_back(&*release);
      if (match.file == nullptr || *how == Recognition::by_sha256) match.how = *how;
      if (match.file == nullptr) match.file = file;
      break;
    }
  }
  if (match.file != nullptr) return match;
  for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
    if (!claims(*release, traits)) continue;
    (settles(*release, traits) ? match.contradicting : match.releases).push_back(&*release);
  }
  if (!match.releases.empty()) {
    match.how = Recognition::by_version;
  } else if (!match.contradicting.empty()) {
    match.how = Recognition::mismatch;
    match.releases = std::exchange(match.contradicting, {});
  }
  return match;
}

// The pre-releases up to 0.4.8 have a 'v' before the version in the file name; since 1.1.0 the
// naming is another one.
std::string file_name(const Version& version, std::size_t part) {
  static const std::vector<unsigned> kNewNames{1, 1, 0};
  static const std::vector<unsigned> kNoMoreV{0, 5, 0};
  if (version.numbers() >= kNewNames) {
    return fmt::format("electron-system-part{}@{}.bin", part, version.text());
  }
  const bool v = version.prerelease() && version.numbers() < kNoMoreV;
  return fmt::format("system-part{}-{}{}-electron.bin", part, v ? "v" : "", version.text());
}

std::string page_of(std::string_view tag) {
  return fmt::format("https://github.com/particle-iot/device-os/releases/tag/{}", tag);
}

}  // namespace

const CatalogueFile* CatalogueRelease::part(platform::ModuleId id) const {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const CatalogueFile& file) { return file.id == id; });
  return found == parts.end() ? nullptr : &*found;
}

bool CatalogueRelease::has_index(std::uint8_t index) const {
  return std::find(part_indexes.begin(), part_indexes.end(), index) != part_indexes.end();
}

const CatalogueRelease* Match::best() const {
  const auto final_one =
      std::find_if(releases.begin(), releases.end(),
                   [](const CatalogueRelease* release) { return !release->version.prerelease(); });
  if (final_one != releases.end()) return *final_one;
  return releases.empty() ? nullptr : releases.front();
}

const CatalogueRelease* Match::named(const Version& name) const {
  for (const auto* list : {&releases, &contradicting}) {
    for (const CatalogueRelease* release : *list) {
      if (release->version == name) return release;
    }
  }
  return nullptr;
}

bool can_be_fetched(const CatalogueRelease& release) { return !release.parts.empty(); }

std::string_view name(Recognition how) {
  switch (how) {
    case Recognition::by_sha256:
      return "by-sha256";
    case Recognition::by_crc:
      return "by-crc";
    case Recognition::by_version:
      return "by-version";
    case Recognition::mismatch:
      return "mismatch";
    case Recognition::unknown:
      return "unknown";
  }
  return "unknown";
}

const CatalogueRelease* Catalogue::find(const Version& version) const {
  const auto found =
      std::find_if(releases_.begin(), releases_.end(),
                   [&](const CatalogueRelease& release) { return release.version == version; });
  return found == releases_.end() ? nullptr : &*found;
}

const CatalogueRelease* Catalogue::last() const {
  return releases_.empty() ? nullptr : &releases_.back();
}

std::vector<const CatalogueRelease*> Catalogue::with_module_version(std::uint16_t version) const {
  std::vector<const CatalogueRelease*> found;
  for (auto release = releases_.rbegin(); release != releases_.rend(); ++release) {
    if (release->module_version == version) found.push_back(&*release);
  }
  return found;
}

Match Catalogue::recognise(const firmware::CheckedModule& module) const {
  return recognise_by(releases_, {module.id(), module.version(), module.header().size(),
                                  module.crc32(), &module.file_sha256(), &module.suffix().sha256});
}

Match Catalogue::recognise(const firmware::ModuleHeader& header, std::uint32_t crc32) const {
  return recognise_by(releases_,
                      {header.id, header.version, header.size(), crc32, nullptr, nullptr});
}

std::string release_page(const Version& version, const Catalogue& catalogue) {
  const CatalogueRelease* known = catalogue.find(version);
  return known != nullptr ? release_page(*known) : page_of("v" + version.text());
}

std::string release_page(const CatalogueRelease& release) {
  return page_of(release.tag.empty() ? "v" + release.version.text() : release.tag);
}

int published_part(const CatalogueRelease& release, platform::ModuleId id) {
  if (id.function != platform::ModuleFunction::system_part) return 0;
  const auto found = std::ranges::find(release.part_indexes, id.index);
  return found == release.part_indexes.end()
             ? 0
             : static_cast<int>(found - release.part_indexes.begin()) + 1;
}

std::string published_name(const CatalogueRelease& release, platform::ModuleId id) {
  if (id == platform::kBootloader) return release.bootloader ? release.bootloader->file : "";
  if (const CatalogueFile* known = release.part(id)) return known->file;
  const int part = published_part(release, id);
  return part == 0 ? std::string() : file_name(release.version, static_cast<std::size_t>(part));
}

std::vector<std::string> file_names(const CatalogueRelease& release) {
  std::vector<std::string> names(release.part_indexes.size());
  for (const std::uint8_t index : release.part_indexes) {
    names[index - 1U] = published_name(release, {platform::ModuleFunction::system_part, index});
  }
  return names;
}

}  // namespace release
