// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/collect.h"

#include "base/files.h"
#include "firmware/guess.h"
#include "firmware/parse.h"

#include <utility>

namespace release {
namespace {

base::Result<> list_below(const std::string& folder, int depth, FolderFiles& into) {
  TRY_ASSIGN(const std::vector<std::string> files, base::list_files(folder));
  for (const std::string& file : files) {
    into.cut = into.cut || into.files.size() >= kMostFiles;
    if (into.cut) return {};
    into.files.push_back(file);
  }
  if (depth == kDeepest) return {};
  TRY_ASSIGN(const std::vector<std::string> folders, base::list_folders(folder));
  for (const std::string& one : folders) {
    if (into.cut) return {};
    // One that may not be read keeps nobody from the others.
    if (!list_below(one, depth + 1, into)) continue;
  }
  return {};
}

std::string what_is(const firmware::ParsedModule& module, std::string_view code) {
  if (code == "wrong-platform" && module.header) {
    return "a module for the " + platform::platform_name(module.header->platform);
  }
  if (code == "changed-as-text") return "a module damaged by a transfer as text";
  if (module.header) return "a module that is damaged or of another kind";
  const std::string_view looks = firmware::looks_like(*module.image);
  // Behind the colon stands what came of it.
  return looks.empty() ? "no module" : std::string(looks.substr(0, looks.find(':')));
}

std::string what_is(const base::Error& error) {
  if (error.id == "file-too-large" || error.id == "archive-too-large") {
    return "a file too large for a module";
  }
  if (error.id == "bad-archive") return "a damaged archive";
  if (error.id == "bad-hex") return "a damaged Intel HEX file";
  return "a file that cannot be read";
}

void pass_over(PassedOver entry, Looked& place, Collected& into) {
  ++place.others[entry.what];
  into.passed_over.push_back(std::move(entry));
}

void take(const std::string& file, const platform::Platform& platform, Looked& place,
          Collected& into) {
  auto images = images_in(file, platform);
  if (!images) {
    ++place.files;
    const base::Error& error = images.error();
    pass_over({file, {error.id, error.message}, what_is(error)}, place, into);
    return;
  }
  place.files += images->images.size() + images->passed_over.size();
  for (PassedOver& entry : images->passed_over) pass_over(std::move(entry), place, into);
  for (Image& image : images->images) {
    const firmware::ParsedModule parsed = firmware::parse(std::move(image.bytes));
    auto module = firmware::check(parsed, platform, image.source);
    if (!module) {
      const base::Error& error = module.error();
      pass_over({image.source, {error.id, error.message}, what_is(parsed, error.id)}, place, into);
      continue;
    }
    ++place.modules;
    into.modules.push_back(std::move(*module));
    for (const firmware::Problem& note : parsed.notes)
      into.notes.push_back({image.source, note, {}});
  }
}

}  // namespace

base::Result<FolderFiles> files_below(const std::string& folder) {
  FolderFiles below;
  TRY(list_below(folder, 0, below));
  return below;
}

base::Result<Collected> collect(const std::vector<std::string>& paths,
                                const platform::Platform& platform) {
  Collected collected;
  for (const std::string& path : paths) {
    Looked place;
    place.path = path;
    place.there = base::exists(path);
    FolderFiles below;
    if (base::is_directory(path)) {
      TRY_ASSIGN(below, files_below(path));
      place.cut = below.cut;
    } else if (place.there) {
      below.files.push_back(path);
    }
    for (const std::string& file : below.files) take(file, platform, place, collected);
    collected.places.push_back(std::move(place));
  }
  return collected;
}

}  // namespace release
