// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The files at hand, laid out by the releases that they are or may be of: inner part of assemble().

#include "release/release_set.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace release {

// A file that is a system part, and what the catalogue says to it.
struct Candidate {
  firmware::CheckedModule module;
  Match match;
  bool exact() const {
    return match.how == Recognition::by_sha256 || match.how == Recognition::by_crc;
  }
};

// What may be for one index of one release.
struct Place {
  std::vector<const Candidate*> exact;   // at most one: equal files are one candidate
  std::vector<const Candidate*> others;  // right version, bytes not those of the catalogue
};

// The files at hand for one release, or for one custom version (release == null).
struct Draft {
  const CatalogueRelease* release = nullptr;
  std::uint16_t module_version = 0;
  std::map<std::uint8_t, Place> places;
  std::vector<firmware::Problem> remarks;  // duplicates
};

using Key = std::pair<std::uint16_t, const CatalogueRelease*>;
using Drafts = std::map<Key, Draft>;

// Module indexes in flashing order.
std::vector<std::uint8_t> indexes_of(const Draft& draft);
// A whole build that the catalogue does not have is there, beside some of the released files.
bool another_build(const Draft& draft);
// True if every file of the draft belongs to another release that is all there: a file that
// releases share makes no half release.
bool redundant(const Draft& draft, const Drafts& drafts);

struct Sorted {
  std::vector<Candidate> candidates;
  std::map<base::Sha256, std::vector<std::string>> copies;  // of a file that is there twice
};
// Splits off bootloaders and user parts, drops equal files and recognises the rest.
Sorted sort_modules(std::vector<firmware::CheckedModule> modules, const Catalogue& catalogue,
                    Library& library);
// The drafts refer to the candidates.
Drafts sort_into_drafts(const std::vector<Candidate>& candidates);
void remark_copies(const Sorted& sorted, Drafts& drafts);

}  // namespace release
