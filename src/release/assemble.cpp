// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/assemble.h"

#include "release/draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace release {

struct ReleaseMaker {
  static ValidatedRelease make(Version version, std::uint16_t module_version,
                               const CatalogueRelease* catalogue) {
    ValidatedRelease release;
    release.version_ = std::move(version);
    release.module_version_ = module_version;
    release.catalogue_ = catalogue;
    return release;
  }
  static void add_part(ValidatedRelease& release, firmware::CheckedModule part, int number) {
    release.parts_.push_back(std::move(part));
    release.part_numbers_.push_back(number);
  }
  static void describe(ValidatedRelease& release, std::vector<Version> may_be, bool released_files,
                       std::vector<firmware::Problem> warnings) {
    release.may_be_ = std::move(may_be);
    release.released_files_ = released_files;
    release.warnings_ = std::move(warnings);
  }
};

namespace {

using firmware::CheckedModule;
using firmware::Problem;

std::string list_sources(const std::vector<const Candidate*>& candidates) {
  std::vector<std::string> names;
  for (const Candidate* candidate : candidates) {
    names.push_back(base::printable(candidate->module.source()));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// The first dependency on a system part that the chosen parts do not satisfy among themselves.
std::optional<Problem> inconsistency(const std::vector<const Candidate*>& chosen) {
  for (const Candidate* candidate : chosen) {
    const firmware::ModuleHeader& header = candidate->module.header();
    for (const firmware::Dependency& dependency : {header.dependency1, header.dependency2}) {
      if (dependency.module.function != platform::ModuleFunction::system_part) continue;
      const bool met = std::any_of(chosen.begin(), chosen.end(), [&](const Candidate* other) {
        return other->module.id() == dependency.module &&
               other->module.version() >= dependency.version;
      });
      if (met) continue;
      return Problem{"inconsistent",
                     fmt::format("{} ({}) needs {} in version {} or later, which is not among "
                                 "these files",
                                 describe(header.id), base::printable(candidate->module.source()),
                                 describe(dependency.module), dependency.version)};
    }
  }
  return std::nullopt;
}

// Where other bytes than the released ones are allowed, they may be of a release whose files are
// known just as well.
std::vector<Version> may_be(const std::vector<const Candidate*>& chosen,
                            const AssembleOptions& options) {
  std::vector<Version> versions;
  for (const Candidate* candidate : chosen) {
    const Match& match = candidate->match;
    if (match.how != Recognition::by_version) continue;
    versions.clear();
    for (const CatalogueRelease* release : match.releases) versions.push_back(release->version);
    if (options.allow_unknown) {
      for (const CatalogueRelease* other : match.contradicting) versions.push_back(other->version);
    }
    if (versions.size() < 2) return {};
  }
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) { return b < a; });
  return versions;
}

// What is said about the files of one draft, and whether they may be used.
struct Judgement {
  std::vector<Problem> problems;
  bool blocked = false;
  bool unvouched = false;  // blocked unless such bytes are allowed
};

// Bytes that nobody vouches for: taken only where that is allowed.
void object(Judgement& judgement, Problem problem) {
  judgement.problems.push_back(std::move(problem));
  judgement.unvouched = true;
}

void judge_bytes(const Draft& draft, const Version& version,
                 const std::vector<const Candidate*>& chosen, const AssembleOptions& options,
                 Judgement& judgement) {
  std::vector<const Candidate*> unknown;
  bool exact = false;
  for (const Candidate* candidate : chosen) {
    exact = exact || candidate->exact();
    if (candidate->match.how == Recognition::mismatch) {
      object(judgement,
             {"catalogue-mismatch",
              fmt::format("{} claims to be {} of {}, but is not the file that was released",
                          base::printable(candidate->module.source()),
                          describe(candidate->module.id()), version.text())});
    } else if (!candidate->exact()) {
      unknown.push_back(candidate);
    }
  }
  if (unknown.empty()) return;
  if (draft.release == nullptr) {
    object(judgement,
           {"custom-build", fmt::format("module version {} is no known release: nothing is known "
                                        "of these files but what they say themselves",
                                        draft.module_version)});
    return;
  }
  if (exact) {
    object(judgement,
           {"mixed-builds", fmt::format("files of two builds of {}: {} not released with the "
                                        "others",
                                        version.text(), list_sources(unknown))});
    return;
  }
  object(judgement,
         {"not-in-catalogue", fmt::format("the catalogue does not have the bytes of {}: the files "
                                          "are whole and fit together, but cannot be compared",
                                          version.text())});
  const std::vector<Version> names = may_be(chosen, options);
  if (names.empty()) return;
  std::vector<std::string> texts;
  for (const Version& name : names) texts.push_back(name.text());
  judgement.problems.push_back(
      {"ambiguous-release", fmt::format("module version {} may be any of {}", draft.module_version,
                                        fmt::join(texts, ", "))});
}

class Assembler {
 public:
  Assembler(const AssembleOptions& options, Library& library)
      : options_(options), library_(library) {}

  void add(const Draft& draft) {
    const std::vector<std::uint8_t> indexes = indexes_of(draft);
    ReleaseStatus status;
    status.version =
        draft.release != nullptr ? draft.release->version : Version::custom(draft.module_version);
    status.module_version = draft.module_version;
    Judgement judgement;
    const std::vector<const Candidate*> chosen = choose(draft, indexes, status, judgement);
    judge_bytes(draft, status.version, chosen, options_, judgement);
    status.complete = status.missing.empty();
    const bool whole = chosen.size() == indexes.size();
    if (whole) {
      if (const auto problem = inconsistency(chosen)) {
        judgement.problems.push_back(*problem);
        judgement.blocked = true;
      }
    }
    status.unvouched = judgement.unvouched;
    status.usable = whole && !judgement.blocked && (!judgement.unvouched || options_.allow_unknown);
    status.problems = judgement.problems;
    status.problems.insert(status.problems.end(), draft.remarks.begin(), draft.remarks.end());
    if (status.usable) make(draft, status.version, indexes, chosen, std::move(judgement.problems));
    library_.status.push_back(std::move(status));
  }

 private:
  // One candidate per index, in flashing order; fewer if something is missing or ambiguous.
  static std::vector<const Candidate*> choose(const Draft& draft,
                                              const std::vector<std::uint8_t>& indexes,
                                              ReleaseStatus& status, Judgement& judgement) {
    std::vector<const Candidate*> chosen;
    const bool use_others = another_build(draft);
    for (const std::uint8_t index : indexes) {
      const auto found = draft.places.find(index);
      if (found == draft.places.end()) {
        status.missing.push_back(index);
        continue;
      }
      const Place& place = found->second;
      const bool released = !place.exact.empty() && !use_others;
      const auto& wanted = released ? place.exact : place.others;
      const auto& unwanted = released ? place.others : place.exact;
      for (const Candidate* one : wanted) status.files.push_back(one->module.source());
      if (wanted.size() == 1) {
        chosen.push_back(wanted.front());
      } else {
        judgement.blocked = true;
        judgement.problems.push_back(
            {"ambiguous-build", fmt::format("several builds of system part {}: keep only one of {}",
                                            index, list_sources(wanted))});
      }
      if (!unwanted.empty()) {
        judgement.problems.push_back(
            {"other-build", fmt::format("not used, another build of system part {}: {}", index,
                                        list_sources(unwanted))});
      }
    }
    std::sort(status.missing.begin(), status.missing.end());
    return chosen;
  }

  void make(const Draft& draft, const Version& version, const std::vector<std::uint8_t>& indexes,
            const std::vector<const Candidate*>& chosen, std::vector<Problem> warnings) {
    ValidatedRelease release = ReleaseMaker::make(version, draft.module_version, draft.release);
    // chosen has the order of the numbers in the vendor's file names; parts() that of the indexes.
    std::map<std::uint8_t, int> numbers;
    for (std::size_t i = 0; i < indexes.size(); ++i) numbers[indexes[i]] = static_cast<int>(i) + 1;
    for (const auto& [index, number] : numbers) {
      ReleaseMaker::add_part(release, chosen[static_cast<std::size_t>(number) - 1]->module, number);
    }
    const bool released = std::all_of(chosen.begin(), chosen.end(),
                                      [](const Candidate* part) { return part->exact(); });
    ReleaseMaker::describe(release, may_be(chosen, options_), released, std::move(warnings));
    library_.releases.push_back(std::move(release));
  }

  const AssembleOptions& options_;
  Library& library_;
};

}  // namespace

Library assemble(std::vector<CheckedModule> modules, const Catalogue& catalogue,
                 const AssembleOptions& options) {
  Library library;
  const Sorted sorted = sort_modules(std::move(modules), catalogue, library);
  Drafts drafts = sort_into_drafts(sorted.candidates);
  remark_copies(sorted, drafts);
  Assembler assembler(options, library);
  for (const auto& [key, draft] : drafts) {
    if (!redundant(draft, drafts)) assembler.add(draft);
  }
  const auto older = [](std::uint16_t a, const Version& left, std::uint16_t b,
                        const Version& right) { return a != b ? a < b : left < right; };
  std::sort(library.releases.begin(), library.releases.end(), [&](const auto& a, const auto& b) {
    return older(a.module_version(), a.version(), b.module_version(), b.version());
  });
  std::sort(library.status.begin(), library.status.end(), [&](const auto& a, const auto& b) {
    return older(a.module_version, a.version, b.module_version, b.version);
  });
  return library;
}

}  // namespace release
