// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/catalogue.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace release {

// Made at build time from releases.json.
std::string_view releases_json();

namespace {

using Json = nlohmann::json;

base::Error bad(std::string_view release, std::string_view what) {
  return base::make_error(base::Errc::bad_file, "bad-catalogue",
                          fmt::format("release catalogue, release {}: {}", release, what), {});
}

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::uint32_t> number(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto value = found->get<std::uint64_t>();
  if (value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

std::optional<std::uint16_t> number16(const Json& object, const char* key) {
  const std::optional<std::uint32_t> value = number(object, key);
  if (!value || *value > 0xFFFF) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

// "0x08020000"
std::optional<std::uint32_t> hexadecimal(const Json& object, const char* key) {
  const std::string digits = text(object, key);
  std::uint32_t value = 0;
  if (!digits.starts_with("0x")) return std::nullopt;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data() + 2, end, value, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// False if something is there and is no SHA-256.
bool read_sha256(const Json& object, const char* key, std::optional<base::Sha256>& into) {
  if (!object.contains(key)) return true;
  const base::Bytes bytes = base::from_hex(text(object, key));
  base::Sha256 digest{};
  if (bytes.size() != digest.size()) return false;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  into = digest;
  return true;
}

// The fields that every file has. `start` comes from the caller where the object has none.
bool read_file_facts(const Json& object, CatalogueFile& file) {
  const auto length = number(object, "length");
  const auto crc32 = hexadecimal(object, "crc32");
  if (!length || !crc32 || !read_sha256(object, "sha256", file.sha256) ||
      !read_sha256(object, "content_sha256", file.content_sha256)) {
    return false;
  }
  file.file = text(object, "file");
  file.length = *length;
  file.crc32 = *crc32;
  return !file.file.empty();
}

bool read_part(const Json& object, std::uint16_t version, CatalogueFile& file) {
  const auto part = number16(object, "part");
  const auto index = number16(object, "index");
  const auto start = hexadecimal(object, "start");
  const auto dependencies = object.find("dependencies");
  if (!part || !index || *index > 0xFF || !start || !read_file_facts(object, file)) return false;
  if (dependencies == object.end() || !dependencies->is_array()) return false;
  file.part = *part;
  file.id = {platform::ModuleFunction::system_part, static_cast<std::uint8_t>(*index)};
  file.version = version;
  file.start = *start;
  for (const Json& entry : *dependencies) {
    const auto function = platform::function_from_name(text(entry, "function"));
    const auto needs_index = number16(entry, "index");
    const auto needs_version = number16(entry, "version");
    if (function == platform::ModuleFunction::none || !needs_index || !needs_version) return false;
    file.dependencies.push_back(
        {{function, static_cast<std::uint8_t>(*needs_index)}, *needs_version});
  }
  return true;
}

bool read_bootloader(const Json& object, std::optional<CatalogueFile>& into) {
  const auto version = number16(object, "version");
  CatalogueFile file;
  if (!version || !read_file_facts(object, file)) return false;
  file.id = platform::kBootloader;
  file.version = *version;
  file.start = platform::electron().slot(platform::kBootloader)->flash.begin;
  into = std::move(file);
  return true;
}

base::Result<CatalogueRelease> read_release(const Json& entry) {
  CatalogueRelease release;
  const std::string name = text(entry, "version");
  if (!Version::parse(name, release.version)) return bad(name, "\"version\" is no version");
  release.tag = text(entry, "tag");
  release.module_version = number16(entry, "module_version");
  const auto bootloader_version = number16(entry, "bootloader_version");
  if (!bootloader_version) return bad(name, "\"bootloader_version\" is no number");
  release.bootloader_version = *bootloader_version;
  release.embedded_bootloader_version = number16(entry, "embedded_bootloader_version");
  release.bootloader_dependency = number16(entry, "bootloader_dependency");
  release.note = text(entry, "note");
  release.part_indexes = text(entry, "file_numbering").starts_with("part1=index3")
                             ? std::vector<std::uint8_t>{3, 1, 2}
                             : std::vector<std::uint8_t>{1, 2};
  const auto parts = entry.find("parts");
  if (parts == entry.end() || !parts->is_array()) return bad(name, "\"parts\" is no list");
  for (const Json& part : *parts) {
    CatalogueFile file;
    if (!read_part(part, release.module_version.value_or(0), file)) return bad(name, "bad part");
    release.parts.push_back(std::move(file));
  }
  if (const auto found = entry.find("bootloader");
      found != entry.end() && !read_bootloader(*found, release.bootloader)) {
    return bad(name, "bad \"bootloader\"");
  }
  if (const auto found = entry.find("embedded_bootloader");
      found != entry.end() && !read_bootloader(*found, release.embedded_bootloader)) {
    return bad(name, "bad \"embedded_bootloader\"");
  }
  return release;
}

}  // namespace

base::Result<Catalogue> Catalogue::parse(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (!document.is_array()) {
    return base::make_error(base::Errc::bad_file, "bad-catalogue",
                            "the release catalogue is not a JSON list", {});
  }
  Catalogue catalogue;
  for (const Json& entry : document) {
    if (!entry.is_object()) return bad("?", "not an object");
    TRY_ASSIGN(CatalogueRelease release, read_release(entry));
    catalogue.releases_.push_back(std::move(release));
  }
  return catalogue;
}

std::string_view embedded_catalogue() { return releases_json(); }

const Catalogue& Catalogue::embedded() {
  // That the embedded document is right is a matter of the build; a test reads it.
  static const Catalogue kEmbedded = parse(releases_json()).value_or(Catalogue());
  return kEmbedded;
}

}  // namespace release
