// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The files at hand, sorted into releases.

#include "firmware/check.h"
#include "release/catalogue.h"
#include "release/collect.h"

#include <map>
#include <string>
#include <vector>

namespace release {

// Every system part of one release, checked one by one and against each other: same version, every
// dependency between them satisfied. Only assemble() makes one. Refers to the catalogue given
// there.
class ValidatedRelease {
 public:
  // The release's name; for a build that is no release, "custom-<module version>".
  const Version& version() const { return version_; }
  std::uint16_t module_version() const { return module_version_; }
  // Null for a custom build.
  const CatalogueRelease* catalogue() const { return catalogue_; }
  // Where the bytes are not known and the module version names several releases: all that it may
  // be, newest first. Else empty.
  const std::vector<Version>& may_be() const { return may_be_; }
  // True if every part is, byte for byte, the released file.
  bool released_files() const { return released_files_; }
  // Index order 1, 2 (, 3).
  const std::vector<firmware::CheckedModule>& parts() const { return parts_; }
  // Null if the release has no such part.
  const firmware::CheckedModule* part(platform::ModuleId id) const;
  // The number in the vendor's file name for this module (since 0.6.0: index 3 is part 1, …); 0 if
  // the release has no such part.
  int part_number(platform::ModuleId id) const;
  // Things the user should know. Codes: not-in-catalogue, ambiguous-release, custom-build,
  // catalogue-mismatch, mixed-builds.
  const std::vector<firmware::Problem>& warnings() const { return warnings_; }

 private:
  friend struct ReleaseMaker;  // assemble.cpp
  ValidatedRelease() = default;
  Version version_;
  std::uint16_t module_version_ = 0;
  const CatalogueRelease* catalogue_ = nullptr;
  std::vector<Version> may_be_;
  bool released_files_ = false;
  std::vector<firmware::CheckedModule> parts_;
  std::vector<int> part_numbers_;  // of parts_
  std::vector<firmware::Problem> warnings_;
};

// A release of which some files are there.
struct ReleaseStatus {
  Version version;
  std::uint16_t module_version = 0;
  bool complete = false;           // a file for every index is there
  bool usable = false;             // it is among Library::releases
  bool unvouched = false;          // bytes that the catalogue contradicts or does not know
  std::vector<int> missing;        // module indexes, ascending
  std::vector<std::string> files;  // in flashing order (3, 1, 2 since 0.6.0; 1, 2 before)
  // Why it cannot be used though complete: ambiguous-build, catalogue-mismatch, mixed-builds,
  // not-in-catalogue, custom-build, inconsistent. Or worth knowing: duplicate, other-build, and a
  // usable release's warnings.
  std::vector<firmware::Problem> problems;
};

struct Library {
  std::vector<ValidatedRelease> releases;  // usable, oldest first
  std::vector<ReleaseStatus> status;       // everything seen, oldest first
  std::vector<firmware::CheckedModule> bootloaders;
  std::vector<firmware::CheckedModule> user_parts;
  // Where it comes from, in the order in which it was searched; empty where nothing was.
  std::vector<Looked> places;
  std::vector<PassedOver> passed_over;
  std::vector<FileNote> notes;

  // The usable release of this name, else one whose files may be of it; null if there is none.
  const ValidatedRelease* find(const Version& version) const;
  // Null if no file of it is there.
  const ReleaseStatus* find_status(const Version& version) const;
};

}  // namespace release
