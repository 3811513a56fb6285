// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Looking for release files: where, what was found, and what to say where something is missing.

#include "release/release_set.h"

#include <string>
#include <vector>

namespace release {

struct SearchRequest {
  // Folders and files, as --firmware names them; one that is missing or that holds no module of the
  // Electron at all is an error. None: `usual`.
  std::vector<std::string> given;
  std::string usual = "firmware";
  std::string cache;  // empty: none. Always searched, last
  bool allow_unknown = false;
};

// collect() of places that somebody named. Errors: bad_file, bad_module (see SearchRequest::given).
base::Result<Collected> collect_named(const std::vector<std::string>& given,
                                      const platform::Platform& platform);

// Every module that is to be had, sorted into releases. Where unknown bytes are allowed, those of
// the given places go before those of the cache. Errors: bad_file, bad_module.
base::Result<Library> search(const SearchRequest& request, const platform::Platform& platform,
                             const Catalogue& catalogue);

// "looked in ./firmware (12 files: 9 modules; also a web page) and in /home/…/electron-rescue (no
// such folder)"; empty if nothing was searched.
std::string where_looked(const Library& library);

// A file of a release that is not at hand.
struct MissingPart {
  int part = 0;  // the number in the file's name
  platform::ModuleId id;
  std::string file;  // as published
  std::string
      instead;  // what lies there under that name: "FILE: it looks like a web page"; or empty
};
std::vector<MissingPart> missing_parts(const Library& library, const CatalogueRelease& release);
// "electron-system-part3@2.3.1.bin (system part 2) is missing", with what lies there instead.
std::string describe(const std::vector<MissingPart>& missing);

// Whether the catalogue vouches for the bytes of a module that was named by itself, such as a
// bootloader. Errors: bad_module, id "catalogue-mismatch" or "not-in-catalogue".
base::Result<> vouched(const firmware::CheckedModule& module, const Catalogue& catalogue);

// What to do to get the files of a release: names first what can really be fetched.
std::string how_to_get(const Version& version, const Catalogue& catalogue);

// The release of this name, all of it there and fit to use. Errors: bad_file, id "target-missing":
// what is missing, where was looked, and how to get it.
base::Result<const ValidatedRelease*> at_hand(const Library& library, const Version& version,
                                              const Catalogue& catalogue);

}  // namespace release
