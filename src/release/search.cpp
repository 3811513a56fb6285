// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/search.h"

#include "base/ascii.h"
#include "base/files.h"
#include "release/assemble.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace release {
namespace {

using firmware::CheckedModule;

// Errors: bad_file, bad_module.
base::Result<> useful(const std::string& given, const Collected& collected) {
  const auto place = std::ranges::find(collected.places, given, &Looked::path);
  if (place == collected.places.end() || !place->there) {
    return base::make_error(base::Errc::bad_file, "no-such-place",
                            fmt::format("there is no file or folder {}", base::printable(given)),
                            "name the folder, archive or file that holds the release's files");
  }
  if (base::is_directory(given) || place->modules > 0) return {};
  // A file that was named must be of use.
  const auto why = std::ranges::find_if(
      collected.passed_over, [&](const PassedOver& entry) { return entry.file == given; });
  if (why != collected.passed_over.end()) {
    const std::string name = base::printable(given);
    const bool named = why->problem.message.find(name) != std::string::npos;
    return base::make_error(base::Errc::bad_module, why->problem.code,
                            named ? why->problem.message : name + ": " + why->problem.message,
                            std::string(firmware::advice(why->problem.code)));
  }
  return base::make_error(base::Errc::bad_module, "no-modules",
                          fmt::format("{} holds no Electron module ({} {})", base::printable(given),
                                      place->files, place->files == 1 ? "file" : "files"),
                          "name a file or archive with the modules of an Electron release");
}

using Identity = std::tuple<platform::ModuleId, std::uint16_t>;

// What the given places have is not taken from the cache as well, nor, where unknown bytes are
// allowed, another build of it.
void add_cached(std::vector<CheckedModule> cached, bool allow_unknown,
                std::vector<CheckedModule>& modules) {
  std::set<base::Sha256> files;
  std::set<Identity> identities;
  for (const CheckedModule& module : modules) {
    files.insert(module.file_sha256());
    identities.insert({module.id(), module.version()});
  }
  for (CheckedModule& module : cached) {
    if (files.contains(module.file_sha256())) continue;
    if (allow_unknown && identities.contains({module.id(), module.version()})) continue;
    modules.push_back(std::move(module));
  }
}

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::string describe_place(const Looked& place) {
  const std::string path = base::printable(place.path);
  if (!place.there) return path + " (which is not there)";
  if (place.files == 0) return path + " (no files)";
  std::string text = fmt::format("{} ({}{} {}: {} {}", path, place.cut ? "more than " : "",
                                 place.files, place.files == 1 ? "file" : "files",
                                 place.modules == 0 ? "no" : fmt::format("{}", place.modules),
                                 place.modules == 1 ? "Electron module" : "Electron modules");
  std::vector<std::string> others;
  for (const auto& [what, count] : place.others) {
    others.push_back(count == 1 ? what : fmt::format("{} ({} times)", what, count));
  }
  if (!others.empty()) text += fmt::format("; also {}", fmt::join(others, ", "));
  return text + ")";
}

// By its name, `path` is a copy of the published file: browsers and people add to a name, such as
// " (1)", ".part" or ".txt".
bool claims_to_be(const std::string& path, const std::string& published) {
  constexpr std::string_view kEnding = ".bin";
  std::string_view stem = published;
  if (stem.ends_with(kEnding)) stem.remove_suffix(kEnding.size());
  const std::string name = base::lower(base::file_name(path));
  if (!name.starts_with(base::lower(std::string(stem)))) return false;
  const std::string_view rest = std::string_view(name).substr(stem.size());
  if (rest.empty() || rest[0] == ' ' || rest[0] == '(' || rest[0] == '_') return true;
  // ".bin", ".bin.part"; "2.3.1.4" would be another release.
  return rest[0] == '.' && rest.size() > 1 &&
         std::isdigit(static_cast<unsigned char>(rest[1])) == 0;
}

std::string instead_of(const Library& library, const std::string& published) {
  for (const PassedOver& entry : library.passed_over) {
    if (!claims_to_be(entry.file, published)) continue;
    const std::string name = base::printable(entry.file);
    return entry.problem.message.find(name) != std::string::npos
               ? entry.problem.message
               : name + ": " + entry.problem.message;
  }
  return {};
}

const ReleaseStatus* with_module_version(const Library& library, const CatalogueRelease& release) {
  if (!release.module_version) return nullptr;
  const auto found =
      std::ranges::find(library.status, *release.module_version, &ReleaseStatus::module_version);
  return found == library.status.end() ? nullptr : &*found;
}

base::Error missing(std::string message, std::string hint) {
  return base::make_error(base::Errc::bad_file, "target-missing", std::move(message),
                          std::move(hint));
}

// Complete, but not fit to use.
base::Error unusable(const Version& version, const ReleaseStatus& status,
                     const Catalogue& catalogue) {
  std::string message = fmt::format("the files of {} cannot be used", version.text());
  if (!status.problems.empty()) message += ": " + status.problems.front().message;
  std::string hint = how_to_get(version, catalogue);
  if (status.unvouched) hint = "say --allow-unknown to use them all the same; " + hint;
  return missing(std::move(message), std::move(hint));
}

}  // namespace

base::Result<Collected> collect_named(const std::vector<std::string>& given,
                                      const platform::Platform& platform) {
  TRY_ASSIGN(Collected collected, collect(given, platform));
  for (const std::string& path : given) TRY(useful(path, collected));
  return collected;
}

base::Result<Library> search(const SearchRequest& request, const platform::Platform& platform,
                             const Catalogue& catalogue) {
  TRY_ASSIGN(Collected all, request.given.empty() ? collect({request.usual}, platform)
                                                  : collect_named(request.given, platform));
  if (!request.cache.empty() &&
      std::ranges::find(all.places, request.cache, &Looked::path) == all.places.end()) {
    TRY_ASSIGN(Collected cached, collect({request.cache}, platform));
    add_cached(std::move(cached.modules), request.allow_unknown, all.modules);
    append(all.passed_over, std::move(cached.passed_over));
    append(all.notes, std::move(cached.notes));
    append(all.places, std::move(cached.places));
  }
  Library library =
      assemble(std::move(all.modules), catalogue, {.allow_unknown = request.allow_unknown});
  library.places = std::move(all.places);
  library.passed_over = std::move(all.passed_over);
  library.notes = std::move(all.notes);
  return library;
}

std::string where_looked(const Library& library) {
  std::vector<std::string> places;
  for (const Looked& place : library.places) places.push_back(describe_place(place));
  return places.empty() ? std::string()
                        : fmt::format("looked in {}", fmt::join(places, ", and in "));
}

std::vector<MissingPart> missing_parts(const Library& library, const CatalogueRelease& release) {
  const ReleaseStatus* status = library.find_status(release.version);
  std::vector<MissingPart> parts;
  for (const std::uint8_t index : release.part_indexes) {
    if (status != nullptr &&
        std::ranges::find(status->missing, int{index}) == status->missing.end()) {
      continue;
    }
    const platform::ModuleId id{platform::ModuleFunction::system_part, index};
    const std::string file = published_name(release, id);
    parts.push_back({published_part(release, id), id, file, instead_of(library, file)});
  }
  return parts;
}

std::string describe(const std::vector<MissingPart>& missing) {
  std::vector<std::string> names;
  std::vector<std::string> instead;
  for (const MissingPart& part : missing) {
    names.push_back(fmt::format("{} ({})", part.file, platform::describe(part.id)));
    if (!part.instead.empty()) instead.push_back(part.instead);
  }
  std::string text =
      fmt::format("{} {} missing", fmt::join(names, ", "), names.size() == 1 ? "is" : "are");
  if (!instead.empty()) text += fmt::format(" ({})", fmt::join(instead, "; "));
  return text;
}

base::Result<> vouched(const CheckedModule& module, const Catalogue& catalogue) {
  const Match match = catalogue.recognise(module);
  const std::string name = base::printable(module.source());
  const std::string hint = "say --allow-unknown to use it all the same";
  switch (match.how) {
    case Recognition::by_sha256:
    case Recognition::by_crc:
      return {};
    case Recognition::mismatch:
      return base::make_error(base::Errc::bad_module, "catalogue-mismatch",
                              fmt::format("{} is not the {} that was released as version {}", name,
                                          platform::describe(module.id()), module.version()),
                              hint);
    case Recognition::by_version:
    case Recognition::unknown:
      break;
  }
  return base::make_error(
      base::Errc::bad_module, "not-in-catalogue",
      fmt::format("nobody vouches for {}: the catalogue does not have its bytes", name), hint);
}

std::string how_to_get(const Version& version, const Catalogue& catalogue) {
  const CatalogueRelease* release = catalogue.find(version);
  if (release == nullptr) return "name the folder that holds its files with --firmware";
  if (!can_be_fetched(*release)) {
    return fmt::format(
        "nobody kept the checksums of {}, so that its files cannot be fetched and checked: if you "
        "have them, name their folder with --firmware and say --allow-unknown",
        version.text());
  }
  return fmt::format(
      "`electron-rescue fetch {}` fetches the files; those that you have elsewhere are "
      "named "
      "with --firmware FOLDER",
      version.text());
}

base::Result<const ValidatedRelease*> at_hand(const Library& library, const Version& version,
                                              const Catalogue& catalogue) {
  if (const ValidatedRelease* found = library.find(version)) return found;
  const CatalogueRelease* release = catalogue.find(version);
  const ReleaseStatus* status = library.find_status(version);
  if (status != nullptr && status->complete) return unusable(version, *status, catalogue);
  std::string hint = how_to_get(version, catalogue);
  if (release != nullptr && status == nullptr) {
    // Old numbers name several releases: files of one of them may stand for another.
    const ReleaseStatus* like = with_module_version(library, *release);
    if (like != nullptr && like->complete) return unusable(version, *like, catalogue);
  }
  std::string message;
  if (status == nullptr) {
    message = fmt::format("no file of {} was found", version.text());
    if (release != nullptr) {
      std::vector<MissingPart> parts = missing_parts(library, *release);
      std::erase_if(parts, [](const MissingPart& part) { return part.instead.empty(); });
      for (const MissingPart& part : parts) message += "; " + part.instead;
    }
  } else if (release != nullptr) {
    message = fmt::format("the files of {} are not all there: {}", version.text(),
                          describe(missing_parts(library, *release)));
  } else {
    message = fmt::format("the files of {} are not all there: system part {} is missing",
                          version.text(), fmt::join(status->missing, ", "));
  }
  if (const std::string looked = where_looked(library); !looked.empty()) message += "; " + looked;
  return missing(std::move(message), std::move(hint));
}

}  // namespace release
