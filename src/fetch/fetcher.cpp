// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/fetcher.h"

#include "base/files.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "os/advice.h"
#include "release/archive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace fetch {
namespace {

constexpr std::uint64_t kLargestManifest = 4 * 1024 * 1024;
// Tries in a row that bring nothing, and the pause after the first of them, doubled each time.
constexpr int kMostIdleTries = 4;
constexpr base::Micros kFirstPause = std::chrono::seconds(1);
constexpr long kNotFound = 404;
constexpr long kForbidden = 403;
constexpr long kUnauthorised = 401;
// Less is fetched again sooner than kept.
constexpr std::size_t kWorthKeeping = 256 * 1024;

base::Error not_fetched(std::string message, std::string hint) {
  return base::make_error(base::Errc::bad_file, "not-fetched", std::move(message), std::move(hint));
}

std::string why_not(long status) {
  switch (status) {
    case kNotFound:
      return "there is no such file (404)";
    case kUnauthorised:
    case kForbidden:
      return fmt::format("the server does not hand it out ({})", status);
    default:
      return fmt::format("the server answers {}", status);
  }
}

bool worth_another_try(const base::Error& error) {
  return error.id == "connection-lost" || error.id == "timeout" || error.id == "no-network";
}

}  // namespace

std::string_view name(Source source) {
  switch (source) {
    case Source::cache:
      return "cache";
    case Source::given:
      return "given";
    case Source::package:
      return "npm";
    case Source::downloads:
      return "release-page";
  }
  return "cache";
}

std::string fault(const release::CatalogueFile& file, base::Bytes bytes,
                  const release::Catalogue& catalogue) {
  const auto module =
      firmware::check(firmware::parse(std::move(bytes)), platform::electron(), file.file);
  if (!module) return module.error().message;
  const release::Match match = catalogue.recognise(*module);
  // Releases may share a file.
  const bool right = match.file != nullptr && match.file->id == file.id &&
                     match.file->length == file.length && match.file->crc32 == file.crc32;
  return right ? std::string() : "it is not the file that was released";
}

// What is still wanted, what was found, and why the rest was not.
struct Fetcher::Search {
  const release::Catalogue& catalogue;
  const release::CatalogueRelease& release;
  Wanted wanted;
  std::vector<FetchedFile> found;
  std::vector<std::string> reasons;

  // True if it is the released file.
  bool offer(const release::CatalogueFile& file, base::Bytes bytes, Source source,
             const std::string& from) {
    std::string wrong = fault(file, bytes, catalogue);
    if (!wrong.empty()) {
      reasons.push_back(fmt::format("{}: {}", from, wrong));
      return false;
    }
    // As it was published: without what may follow the module in a file.
    bytes.resize(file.length);
    found.push_back({&file, source, std::move(bytes)});
    std::erase(wanted, &file);
    return true;
  }
};

base::Result<std::vector<FetchedFile>> Fetcher::release(const release::CatalogueRelease& release,
                                                        bool bootloader) {
  if (release.parts.empty()) {
    return base::make_error(
        base::Errc::bad_file, "no-checksums",
        fmt::format("nobody kept the checksums of {}, so that its files could not be checked",
                    release.version.text()),
        fmt::format("if you have them, name their folder with --firmware and say --allow-unknown; "
                    "the vendor's page is {}",
                    release::release_page(release)));
  }
  Search search{setup_.catalogue, release, {}, {}, {}};
  for (const release::CatalogueFile& part : release.parts) search.wanted.push_back(&part);
  if (bootloader && release.bootloader) search.wanted.push_back(&*release.bootloader);
  from_cache(search);
  from_given(search);
  if (!search.wanted.empty() && setup_.network != nullptr) {
    TRY(from_package(search));
    TRY(from_downloads(search));
  }
  for (const FetchedFile& file : search.found) {
    if (file.source != Source::cache) TRY(keep(*file.file, file.bytes));
  }
  if (search.wanted.empty()) return std::move(search.found);
  std::vector<std::string> names;
  for (const release::CatalogueFile* file : search.wanted) names.push_back(file->file);
  std::string message = fmt::format("not to be had: {}", fmt::join(names, ", "));
  if (!search.reasons.empty()) message += fmt::format(" ({})", fmt::join(search.reasons, "; "));
  if (setup_.network == nullptr) {
    return not_fetched(std::move(message),
                       "without --offline they are fetched; files that you have are named with "
                       "--from");
  }
  return not_fetched(
      std::move(message),
      fmt::format(
          "on a computer with a network, `electron-rescue fetch {} --bundle FILE.zip` packs "
          "them: name that file here with --firmware; the vendor's page is {}",
          release.version.text(), release::release_page(release)));
}

void Fetcher::from_cache(Search& search) {
  if (setup_.cache.empty()) return;
  for (const release::CatalogueFile* file : Wanted(search.wanted)) {
    const std::string path = base::join(setup_.cache, file->file);
    if (!base::exists(path)) continue;
    auto bytes = base::read_file(path, firmware::kLargestFile);
    if (!bytes) {
      search.reasons.push_back(bytes.error().message);
    } else if (!search.offer(*file, std::move(*bytes), Source::cache, "in the cache")) {
      setup_.note(
          fmt::format("{} in the cache is not the released file; it is replaced", file->file));
      search.reasons.pop_back();
    }
  }
}

void Fetcher::from_given(Search& search) {
  for (const firmware::CheckedModule& module : setup_.given) {
    for (const release::CatalogueFile* file : Wanted(search.wanted)) {
      if (module.id() != file->id || module.crc32() != file->crc32) continue;
      const base::ByteView image = module.image();
      search.offer(*file, {image.begin(), image.end()}, Source::given, module.source());
    }
  }
}

base::Result<> Fetcher::from_package(Search& search) {
  const auto version = package_version(search.release.version);
  if (!version || search.wanted.empty()) return {};
  const std::string what = fmt::format("npm package {}@{}", kPackage, *version);
  auto archive = package(*version);
  if (!archive) {
    if (archive.error().code == base::Errc::cancelled) return archive.error();
    search.reasons.push_back(archive.error().message);
    return {};
  }
  std::set<std::string> names;
  for (const release::CatalogueFile* file : search.wanted) names.insert(file->file);
  auto content = release::read_archive(
      *archive, [&](const std::string& path) { return names.contains(base::file_name(path)); });
  if (!content) {
    search.reasons.push_back(what + ": " + content.error().message);
    return {};
  }
  for (const release::CatalogueFile* file : Wanted(search.wanted)) {
    const auto entry = std::ranges::find_if(
        content->entries,
        [&](const release::ArchiveEntry& one) { return base::file_name(one.name) == file->file; });
    if (entry == content->entries.end()) {
      search.reasons.push_back(fmt::format("{}: {} is not in it", what, file->file));
    } else {
      search.offer(*file, std::move(entry->bytes), Source::package, what);
    }
  }
  return {};
}

base::Result<> Fetcher::from_downloads(Search& search) {
  for (const release::CatalogueFile* file : Wanted(search.wanted)) {
    const std::string url = file_address(setup_.places, search.release, *file);
    auto bytes = download(url, file->file, firmware::kLargestFile, {});
    if (bytes) {
      search.offer(*file, std::move(*bytes), Source::downloads, net::shown(url));
      continue;
    }
    if (bytes.error().code == base::Errc::cancelled) return bytes.error();
    search.reasons.push_back(bytes.error().message);
    // Whoever is not there for one file is not there for the next.
    if (bytes.error().id == "no-network") return {};
  }
  return {};
}

base::Result<base::Bytes> Fetcher::package(const std::string& version) {
  const std::string what = fmt::format("npm package {}@{}", kPackage, version);
  setup_.note("fetching " + what);
  TRY_ASSIGN(const base::Bytes manifest, download(manifest_address(setup_.places, version),
                                                  "manifest of " + what, kLargestManifest, {}));
  TRY_ASSIGN(const std::string url, archive_address(manifest));
  const std::string partial = setup_.cache.empty()
                                  ? std::string()
                                  : base::join(base::join(setup_.cache, ".partial"),
                                               fmt::format("{}-{}.tgz", kPackage, version));
  const bool resumed = !partial.empty() && base::exists(partial);
  auto archive = download(url, what, release::kLargestArchive, partial);
  if (!archive || !resumed) return archive;
  // What was kept of an earlier try may be of another file, or damaged.
  const auto nothing = [](const std::string&) { return false; };
  if (release::read_archive(*archive, nothing)) return archive;
  setup_.note("what was kept of an earlier download is damaged; fetching all of it again");
  return download(url, what, release::kLargestArchive, {});
}

base::Result<base::Bytes> Fetcher::download(const std::string& url, const std::string& what,
                                            std::uint64_t most, const std::string& partial) {
  base::Bytes bytes;
  if (!partial.empty() && base::exists(partial)) {
    bytes = base::read_file(partial, most).value_or(base::Bytes());
  }
  base::Micros pause = kFirstPause;
  std::size_t furthest = bytes.size();
  for (int idle = 0;;) {
    const std::size_t before = bytes.size();
    bool first = true;
    const auto receive = [&](const net::Answer& answer, base::ByteView piece) {
      // A server that cannot go on begins again.
      if (std::exchange(first, false)) bytes.resize(static_cast<std::size_t>(answer.offset));
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      if (setup_.progress) setup_.progress({what, bytes.size(), answer.total.value_or(0)});
      return true;
    };
    const auto answer =
        setup_.network->get({.url = url, .offset = before, .most = most, .silence = setup_.silence},
                            receive, setup_.cancel);
    if (answer) {
      if (!partial.empty() && base::exists(partial)) TRY(base::remove_file(partial));
      const bool good =
          answer->status == 200 || answer->status == 206 || (answer->status == 416 && before > 0);
      if (good) return bytes;
      return not_fetched(net::shown(url) + ": " + why_not(answer->status), {});
    }
    idle = bytes.size() > furthest ? 0 : idle + 1;
    furthest = std::max(furthest, bytes.size());
    const bool give_up = !worth_another_try(answer.error()) || idle >= kMostIdleTries;
    if (give_up || setup_.cancel.requested()) {
      if (!partial.empty() && bytes.size() >= kWorthKeeping) {
        TRY(base::make_directories(base::folder_of(partial)));
        TRY(base::write_file(partial, bytes, base::Privacy::normal));
      }
      return answer.error();
    }
    if (idle > 0) {
      setup_.clock.sleep(pause, setup_.cancel);
      pause *= 2;
    }
  }
}

base::Result<> Fetcher::keep(const release::CatalogueFile& file, base::ByteView bytes) {
  if (setup_.cache.empty()) return {};
  auto kept = base::make_directories(setup_.cache);
  if (kept) {
    kept = base::write_file(base::join(setup_.cache, file.file), bytes, base::Privacy::normal);
  }
  if (kept) return {};
  base::Error error = base::in_context(std::move(kept.error()), "keeping " + file.file);
  error.hint = fmt::format("make room there, or name another cache folder by {}",
                           os::advice().cache_variable);
  return error;
}

base::Result<base::Bytes> bundle(const std::vector<FetchedFile>& files) {
  constexpr std::string_view kFolder = "electron-rescue-firmware/";
  std::vector<release::ArchiveEntry> entries;
  std::string sums;
  std::set<std::string> names;
  for (const FetchedFile& file : files) {
    if (!names.insert(file.file->file).second) continue;
    sums += fmt::format("{}  {}\n", base::to_hex(base::sha256(file.bytes)), file.file->file);
    entries.push_back({std::string(kFolder) + file.file->file, file.bytes});
  }
  const auto add_text = [&](std::string_view name, std::string_view text) {
    const base::ByteView bytes = base::as_bytes(text);
    entries.push_back({std::string(kFolder) + std::string(name), {bytes.begin(), bytes.end()}});
  };
  add_text("SHA256SUMS", sums);
  add_text("releases.json", release::embedded_catalogue());
  return release::make_zip(entries);
}

}  // namespace fetch
