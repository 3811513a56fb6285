// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Getting the files of a release: out of the cache, out of files that the user has, from npm's
// package, from the vendor's release downloads. A file that the catalogue does not confirm is never
// kept, wherever it came from.

#include "base/clock.h"
#include "fetch/sources.h"
#include "net/http.h"
#include "release/catalogue.h"

#include <functional>
#include <string>
#include <vector>

namespace fetch {

enum class Source { cache, given, package, downloads };
// "cache", "given", "npm", "release-page".
std::string_view name(Source source);

// How far a download is. `total`: 0 while it is not known.
struct Progress {
  std::string what;  // "npm package particle-cli@3.6.0", "electron-system-part1@2.0.2.bin"
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

struct FetchedFile {
  const release::CatalogueFile* file = nullptr;
  Source source = Source::cache;
  base::Bytes bytes;  // checked
};

struct Setup {
  const release::Catalogue& catalogue;
  net::Http* network = nullptr;  // null: only what is at hand
  Places places;
  std::string cache;                           // folder; made where it is missing
  std::vector<firmware::CheckedModule> given;  // what --from named
  base::Clock& clock;
  // So long without a byte is the end of a try.
  base::Micros silence = std::chrono::seconds(30);
  const base::CancelToken& cancel;
  std::function<void(const Progress&)> progress;
  std::function<void(const std::string&)> note;  // one sentence
};

class Fetcher {
 public:
  explicit Fetcher(Setup setup) : setup_(std::move(setup)) {}

  // Every file of the release (its bootloader too, if `bootloader` and it is published), checked,
  // and kept in the cache. Errors: bad_file, id "not-fetched" (the message names the files and,
  // source by source, why), "no-checksums" (nothing could be checked), or of the disk; cancelled.
  base::Result<std::vector<FetchedFile>> release(const release::CatalogueRelease& release,
                                                 bool bootloader);

 private:
  using Wanted = std::vector<const release::CatalogueFile*>;
  struct Search;

  void from_cache(Search& search);
  void from_given(Search& search);
  base::Result<> from_package(Search& search);
  base::Result<> from_downloads(Search& search);
  base::Result<base::Bytes> package(const std::string& version);
  // `partial`: where an interrupted download is kept; empty: nowhere.
  base::Result<base::Bytes> download(const std::string& url, const std::string& what,
                                     std::uint64_t most, const std::string& partial);
  base::Result<> keep(const release::CatalogueFile& file, base::ByteView bytes);

  Setup setup_;
};

// Why `bytes` are not the released file; empty if they are.
std::string fault(const release::CatalogueFile& file, base::Bytes bytes,
                  const release::Catalogue& catalogue);

// Files, catalogue and checksums in one ZIP archive, for a computer without a network. Errors:
// unsupported, internal.
base::Result<base::Bytes> bundle(const std::vector<FetchedFile>& files);

}  // namespace fetch
