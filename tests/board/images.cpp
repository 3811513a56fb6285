// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/images.h"

#include "base/files.h"
#include "release/catalogue.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace board {
namespace {

constexpr std::uint64_t kLargest = 1 << 20;

std::optional<base::Bytes> file(const std::string& name) {
  const auto bytes = base::read_file(firmware_folder() + "/" + name, kLargest);
  if (!bytes) return std::nullopt;
  return *bytes;
}

// A carried image has no offset here: it is found by its length and SHA-256, beginning with the
// stack pointer that every image has in its first word.
std::optional<base::Bytes> carried(const base::Bytes& part, const release::CatalogueFile& known) {
  if (part.size() < known.length) return std::nullopt;
  for (std::size_t at = 0; at + known.length <= part.size(); at += 2) {
    const base::ByteView there = base::ByteView(part).subspan(at, known.length);
    if (base::load_le32(there, 0) != 0x20020000 || base::sha256(there) != known.sha256) continue;
    return base::Bytes(there.begin(), there.end());
  }
  return std::nullopt;
}

std::vector<Image> look() {
  std::vector<Image> images;
  const auto add = [&images](const release::CatalogueFile& known, base::Bytes bytes) {
    const auto same = [&known](const Image& image) { return image.version == known.version; };
    if (std::none_of(images.begin(), images.end(), same)) {
      images.push_back({known.version, known.file, std::move(bytes)});
    }
  };
  if (firmware_folder().empty()) return images;
  for (const release::CatalogueRelease& release : release::Catalogue::embedded().releases()) {
    if (release.bootloader) {
      const auto bytes = file(release.bootloader->file);
      if (bytes && base::sha256(*bytes) == release.bootloader->sha256) {
        add(*release.bootloader, *bytes);
      }
    }
    if (release.embedded_bootloader) {
      const auto part = file(release.embedded_bootloader->file);
      const auto bytes = part ? carried(*part, *release.embedded_bootloader) : std::nullopt;
      if (bytes) add(*release.embedded_bootloader, *bytes);
    }
  }
  std::sort(images.begin(), images.end(),
            [](const Image& left, const Image& right) { return left.version < right.version; });
  return images;
}

}  // namespace

std::string firmware_folder() { return base::environment("ER_FIRMWARE_DIR"); }

std::string no_images() {
  return firmware_folder().empty() ? "no release files: ER_FIRMWARE_DIR is not set"
                                   : "no released bootloader in " + firmware_folder();
}

const std::vector<Image>& released_bootloaders() {
  static const std::vector<Image> images = look();
  return images;
}

const Image* released_bootloader(std::uint16_t version) {
  for (const Image& image : released_bootloaders()) {
    if (image.version == version) return &image;
  }
  return nullptr;
}

std::vector<Part> released_parts(std::string_view release) {
  std::vector<Part> parts;
  release::Version version;
  const bool known = release::Version::parse(release, version);
  const auto* entry = known ? release::Catalogue::embedded().find(version) : nullptr;
  if (entry == nullptr) return parts;
  for (const release::CatalogueFile& known_file : entry->parts) {
    auto bytes = file(known_file.file);
    if (!bytes || base::sha256(*bytes) != known_file.sha256) return {};
    const std::uint32_t begin = known_file.start;
    parts.push_back(
        {{begin, begin + static_cast<std::uint32_t>(bytes->size())}, std::move(*bytes)});
  }
  return parts;
}

}  // namespace board
