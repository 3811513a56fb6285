// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace release {
namespace {

template <class Predicate>
bool covers(const Draft& draft, Predicate predicate) {
  const std::vector<std::uint8_t> indexes = indexes_of(draft);
  return std::all_of(indexes.begin(), indexes.end(), [&](std::uint8_t index) {
    const auto place = draft.places.find(index);
    return place != draft.places.end() && predicate(place->second);
  });
}

// Every released file of the draft's release is there.
bool all_released(const Draft& draft) {
  return covers(draft, [](const Place& place) { return !place.exact.empty(); });
}

}  // namespace

std::vector<std::uint8_t> indexes_of(const Draft& draft) {
  if (draft.release != nullptr) return draft.release->part_indexes;
  // A custom build has the three parts of 0.6.0 and later if anything in it knows of index 3.
  const bool three = std::any_of(draft.places.begin(), draft.places.end(), [](const auto& entry) {
    const auto knows = [](const Candidate* candidate) {
      const firmware::ModuleHeader& header = candidate->module.header();
      return header.id == platform::kSystemPart3 ||
             header.dependency1.module == platform::kSystemPart3 ||
             header.dependency2.module == platform::kSystemPart3;
    };
    return std::any_of(entry.second.others.begin(), entry.second.others.end(), knows);
  });
  return three ? std::vector<std::uint8_t>{3, 1, 2} : std::vector<std::uint8_t>{1, 2};
}

bool another_build(const Draft& draft) {
  return !covers(draft, [](const Place& place) {
    return !place.exact.empty();
  }) && covers(draft, [](const Place& place) {
    return place.others.size() == 1 && place.others.front()->match.how == Recognition::by_version;
  });
}

Drafts sort_into_drafts(const std::vector<Candidate>& candidates) {
  Drafts drafts;
  const auto draft = [&](std::uint16_t version, const CatalogueRelease* release) -> Draft& {
    Draft& found = drafts[{version, release}];
    found.release = release;
    found.module_version = version;
    return found;
  };
  for (const Candidate& candidate : candidates) {
    const std::uint16_t version = candidate.module.version();
    const std::uint8_t index = candidate.module.id().index;
    if (candidate.exact()) {
      // Some releases share a file: it serves all of them.
      for (const CatalogueRelease* release : candidate.match.releases) {
        draft(version, release).places[index].exact.push_back(&candidate);
      }
    } else {
      draft(version, candidate.match.best()).places[index].others.push_back(&candidate);
    }
  }
  return drafts;
}

bool redundant(const Draft& draft, const Drafts& drafts) {
  if (draft.release == nullptr || all_released(draft)) return false;
  for (const auto& [index, place] : draft.places) {
    if (!place.others.empty()) return false;
    for (const Candidate* candidate : place.exact) {
      const auto& releases = candidate->match.releases;
      const bool used = std::any_of(releases.begin(), releases.end(), [&](const auto* release) {
        const auto other = drafts.find({draft.module_version, release});
        return other != drafts.end() && all_released(other->second);
      });
      if (!used) return false;
    }
  }
  return true;
}

Sorted sort_modules(std::vector<firmware::CheckedModule> modules, const Catalogue& catalogue,
                    Library& library) {
  Sorted sorted;
  std::map<base::Sha256, std::string> seen;
  for (firmware::CheckedModule& module : modules) {
    const auto [first, is_new] = seen.emplace(module.file_sha256(), module.source());
    if (!is_new) {
      auto& copies = sorted.copies[module.file_sha256()];
      if (copies.empty()) copies.push_back(first->second);
      copies.push_back(module.source());
      continue;
    }
    switch (module.id().function) {
      case platform::ModuleFunction::bootloader:
        library.bootloaders.push_back(std::move(module));
        break;
      case platform::ModuleFunction::user_part:
        library.user_parts.push_back(std::move(module));
        break;
      default: {
        Match match = catalogue.recognise(module);
        sorted.candidates.push_back({std::move(module), std::move(match)});
      }
    }
  }
  return sorted;
}

void remark_copies(const Sorted& sorted, Drafts& drafts) {
  for (auto& [key, draft] : drafts) {
    for (const auto& [index, place] : draft.places) {
      for (const auto* list : {&place.exact, &place.others}) {
        for (const Candidate* candidate : *list) {
          const auto copies = sorted.copies.find(candidate->module.file_sha256());
          if (copies == sorted.copies.end()) continue;
          draft.remarks.push_back(
              {"duplicate", base::printable(fmt::format("the same file is there {} times: {}",
                                                        copies->second.size(),
                                                        fmt::join(copies->second, ", ")))});
        }
      }
    }
  }
}

}  // namespace release
