// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The releases that `releases` lists.

#include "release/catalogue.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace report {

struct ListedRelease {
  const release::CatalogueRelease* release = nullptr;
  bool at_hand = false;  // all its files are in the firmware folders, checked
};

// In the order in which they come. Without `all`, pre-releases of which no file can be had are only
// counted.
std::string releases_text(const std::vector<ListedRelease>& releases, const Style& style, bool all);
// {releases: [{release, version, prerelease, files, checksums, at_hand, page}]}
nlohmann::ordered_json releases_document(const std::vector<ListedRelease>& releases);

}  // namespace report
