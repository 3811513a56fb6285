// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the vendor released: versions, module versions, files with lengths and checksums. Data
// (releases.json, embedded at build time), not code. Pointers into a catalogue live as long as it.

#include "base/checksum.h"
#include "firmware/module.h"
#include "release/version.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace release {

// One released file.
struct CatalogueFile {
  std::string file;  // as the vendor named it
  int part = 0;      // number in the file name, NOT the index; 0 for a bootloader
  platform::ModuleId id;
  std::uint16_t version = 0;  // module version
  std::uint32_t start = 0;
  std::uint32_t length = 0;
  std::vector<firmware::Dependency> dependencies;
  std::uint32_t crc32 = 0;
  std::optional<base::Sha256> sha256;  // of the whole file
  // Of everything before the digest in the module's own suffix: that digest. Known where nobody
  // kept the file, but its suffix was told.
  std::optional<base::Sha256> content_sha256;
  // A build with debugging code. Where only this one is known, a plain build of the same release
  // exists, too, and nothing is known of its bytes.
  bool debug() const { return file.find("+debug") != std::string::npos; }
};

struct CatalogueRelease {
  Version version;
  std::string tag;
  std::optional<std::uint16_t> module_version;
  std::uint16_t bootloader_version = 0;                      // of that source tree
  std::optional<std::uint16_t> embedded_bootloader_version;  // what the release installs by itself
  std::optional<std::uint16_t> bootloader_dependency;        // what its index 2 asks for
  // Module index of the vendor's file part 1, 2 (, 3): {1, 2}, since 0.6.0 {3, 1, 2}. This is also
  // the order in which the parts are flashed on the way up.
  std::vector<std::uint8_t> part_indexes;
  std::vector<CatalogueFile> parts;         // empty: no binary was at hand
  std::optional<CatalogueFile> bootloader;  // released as a file of its own
  // Carried inside a system part; `file` names that part.
  std::optional<CatalogueFile> embedded_bootloader;
  std::string note;

  const CatalogueFile* part(platform::ModuleId id) const;  // null if no such binary is known
  bool has_index(std::uint8_t index) const;
};

// How sure we are that a module belongs to a release.
enum class Recognition {
  by_sha256,   // the released file, by its SHA-256 or that of its content
  by_crc,      // CRC and length agree: read out of flash, or an equal file
  by_version,  // only the version number agrees, and no released file of it is known
  mismatch,    // a released file of this version is known, and this is not it
  unknown,     // no release has this version
};

struct Match {
  Recognition how = Recognition::unknown;
  // Newest first. One release for by_sha256 and by_crc unless releases share the file; for
  // by_version all that it may be (old numbers name several releases); for mismatch those it
  // claims to be.
  std::vector<const CatalogueRelease*> releases;
  // For by_version: releases of this version whose files are known, and are others. Newest first.
  std::vector<const CatalogueRelease*> contradicting;
  const CatalogueFile* file = nullptr;  // by_sha256, by_crc

  // The release to show: the only one, else the newest final (not pre-release) one, else the
  // newest; null if none.
  const CatalogueRelease* best() const;
  // The one of this name among all that the module claims to be; null if it is none of them.
  const CatalogueRelease* named(const Version& name) const;
};

class Catalogue {
 public:
  // The embedded one. Immutable.
  static const Catalogue& embedded();
  // Errors: bad_file.
  static base::Result<Catalogue> parse(std::string_view json);

  std::span<const CatalogueRelease> releases() const { return releases_; }  // oldest first
  const CatalogueRelease* find(const Version& version) const;
  // The Electron's last release; null if there is none at all.
  const CatalogueRelease* last() const;
  // The releases whose system parts have this module version, newest first.
  std::vector<const CatalogueRelease*> with_module_version(std::uint16_t version) const;

  // By file contents. A user part belongs to no release: unknown.
  Match recognise(const firmware::CheckedModule& module) const;
  // By what can be read out of flash: identity, version, length and CRC.
  Match recognise(const firmware::ModuleHeader& header, std::uint32_t crc32) const;

 private:
  std::vector<CatalogueRelease> releases_;
};

// What can be fetched is what can be checked: are checksums of its files known?
bool can_be_fetched(const CatalogueRelease& release);

// The embedded catalogue as the JSON text that it is made of.
std::string_view embedded_catalogue();

// "by-sha256", "by-crc", …
std::string_view name(Recognition how);

// Where the vendor publishes a release's files: the release page's address.
std::string release_page(const Version& version, const Catalogue& catalogue);
std::string release_page(const CatalogueRelease& release);
// The name under which the vendor published this module of the release (a system part or the
// bootloader), such as electron-system-part3@2.3.1.bin for index 2 of 2.3.1;
// empty if the release has no such module.
std::string published_name(const CatalogueRelease& release, platform::ModuleId id);
// The number in that name; 0 for a bootloader, or if the release has no such module.
int published_part(const CatalogueRelease& release, platform::ModuleId id);
// The names of a release's system parts, in index order 1, 2 (, 3), as the vendor named them at the
// time (since 0.6.0 the number in the name is not the index).
std::vector<std::string> file_names(const CatalogueRelease& release);

}  // namespace release
