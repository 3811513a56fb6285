// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Release names as people type them. Only a whole name is taken: a part of one is never completed.

#include "release/catalogue.h"

#include <span>
#include <string>

namespace release {

// A release of the catalogue, or "custom-<module version>". Errors, all usage, which name what may
// have been meant: partial-release ("2.3"), beyond-last-release ("4.0.2"), unknown-release, and
// usage for what is no release name at all.
base::Result<Version> parse_release(const std::string& text, const Catalogue& catalogue);

// What an application was built for.
struct Needs {
  firmware::Dependency system;  // the system part that it asks for, and the least version
  // The releases with just that version, newest first; several before 0.6.0. Empty if no release
  // has it.
  std::vector<const CatalogueRelease*> built_for;
  // The oldest final release that satisfies it; null if none does.
  const CatalogueRelease* oldest = nullptr;
};
// None if it asks for no system part.
std::optional<Needs> needs_of(const firmware::ModuleHeader& application,
                              const Catalogue& catalogue);

// "2.3.1 or later", "0.4.8-rc.3 … 0.4.8-rc.6 (module version 10) or later": by release, never by
// module version alone unless no release has it.
std::string describe(const Needs& needs);

std::optional<Needs> needs_of(std::span<const firmware::Dependency> dependencies,
                              const Catalogue& catalogue);

// `--target auto`: the release that an application was built for. Errors: usage, id
// "target-undecided" (it asks for no system part, for one that no release has, or one of several
// may be meant: the message names them).
base::Result<const CatalogueRelease*> release_built_for(const firmware::CheckedModule& application,
                                                        const Catalogue& catalogue);
// The same for one of which only this is known. `name`: what messages call it.
base::Result<const CatalogueRelease*> release_built_for(
    const std::string& name, std::span<const firmware::Dependency> dependencies,
    const Catalogue& catalogue);

}  // namespace release
