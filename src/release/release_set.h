// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The files at hand, sorted into releases.

#include "firmware/check.h"
#include "release/catalogue.h"

#include <map>
#include <string>
#include <vector>

namespace release {

// Every system part of one release, checked one by one and against each other: same version, every
// dependency between them satisfied. Only assemble() makes one.
class ValidatedRelease {
 public:
  const Version& version() const {
    return version_;
  }  // release name; for a custom build "custom-<module version>"
  std::uint16_t module_version() const { return module_version_; }
  const CatalogueRelease* catalogue() const { return catalogue_; }  // null for a custom build
  // Index order 1, 2 (, 3).
  const std::vector<firmware::CheckedModule>& parts() const { return parts_; }
  const firmware::CheckedModule* part(platform::ModuleId id) const;
  // The number in the vendor's file name for this module (since 0.6.0: index 3 is part 1, …).
  int part_number(platform::ModuleId id) const;
  // Things the user should know: custom build, bytes not in the catalogue.
  const std::vector<firmware::Problem>& warnings() const { return warnings_; }

 private:
  friend struct ReleaseMaker;  // release_set.cpp
  ValidatedRelease() = default;
  Version version_;
  std::uint16_t module_version_ = 0;
  const CatalogueRelease* catalogue_ = nullptr;
  std::vector<firmware::CheckedModule> parts_;
  std::vector<firmware::Problem> warnings_;
};

// A release of which some files are there.
struct ReleaseStatus {
  Version version;
  std::uint16_t module_version = 0;
  bool complete = false;
  std::vector<int> missing;        // module indexes
  std::vector<std::string> files;  // in flashing order (3, 1, 2 since 0.6.0; 1, 2 before)
  std::vector<firmware::Problem>
      problems;  // why it cannot be used though complete (ambiguous-build, catalogue-mismatch,
                 // inconsistent), or duplicates
};

struct AssembleOptions {
  bool allow_unknown =
      false;  // bytes that contradict the catalogue are a warning instead of an error
};

struct Library {
  std::vector<ValidatedRelease> releases;  // usable, oldest first
  std::vector<ReleaseStatus> status;       // everything seen, oldest first
  std::vector<firmware::CheckedModule> bootloaders;
  std::vector<firmware::CheckedModule> user_parts;

  const ValidatedRelease* find(const Version& version) const;
};

Library assemble(std::vector<firmware::CheckedModule> modules, const Catalogue& catalogue,
                 const AssembleOptions& options);

// Reads every folder one level deep; files that are no Electron module are passed over, each with a
// note {file, reason} in `passed_over`. A folder that is missing is skipped. Errors: bad_file.
struct Collected {
  std::vector<firmware::CheckedModule> modules;
  std::vector<std::pair<std::string, firmware::Problem>> passed_over;
};
base::Result<Collected> collect(const std::vector<std::string>& folders,
                                const platform::Platform& platform);

}  // namespace release
