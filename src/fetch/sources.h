// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Where release files are published: addresses, and whose configuration changes them.

#include "base/bytes.h"
#include "base/result.h"
#include "release/catalogue.h"

#include <optional>
#include <string>

namespace fetch {

// Addresses without a slash at their end.
struct Places {
  std::string registry;   // of npm packages
  std::string downloads;  // of the vendor's release files
};

// npm's registry as npm itself is configured (npm_config_registry, the user's and the computer's
// npmrc; only that one line is read), and the vendor's release downloads (ER_RELEASE_DOWNLOADS for
// a mirror of them).
Places configured_places();

// The version of npm's package particle-cli that carries a release's files.
inline constexpr std::string_view kPackage = "particle-cli";
std::optional<std::string> package_version(const release::Version& version);
std::string manifest_address(const Places& places, const std::string& package_version);
// The package's archive, out of its manifest. Errors: bad_file, id "bad-manifest".
base::Result<std::string> archive_address(base::ByteView manifest);

std::string file_address(const Places& places, const release::CatalogueRelease& release,
                         const release::CatalogueFile& file);

// The value of `registry` in the text of an npmrc; empty if it has none.
std::string registry_in(std::string_view npmrc);

}  // namespace fetch
