// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"
#include "base/files.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/fetch_progress.h"
#include "cli/parser.h"
#include "cli/words.h"
#include "fetch/fetcher.h"
#include "os/advice.h"
#include "release/search.h"
#include "release/target.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

struct FetchOptions {
  std::vector<std::string> releases;
  std::vector<std::string> from;
  std::string folder;
  std::string bundle;
  bool no_bootloader = false;
  bool offline = false;
  double timeout = 30;
};

// What became of one release.
struct Outcome {
  const release::CatalogueRelease* release = nullptr;
  std::vector<fetch::FetchedFile> files;
  std::optional<base::Error> error;
};

// Errors: usage.
base::Result<std::vector<const release::CatalogueRelease*>> wanted(const FetchOptions& options) {
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  std::vector<const release::CatalogueRelease*> found;
  for (const std::string& text : options.releases) {
    TRY_ASSIGN(const release::Version version, release::parse_release(text, catalogue));
    const release::CatalogueRelease* release = catalogue.find(version);
    if (release == nullptr) {
      return base::make_error(base::Errc::usage, "unknown-release",
                              fmt::format("{} is no release that was published", version.text()),
                              "electron-rescue releases shows those that can be fetched");
    }
    if (std::ranges::find(found, release) == found.end()) found.push_back(release);
  }
  if (!found.empty()) return found;
  return base::make_error(base::Errc::usage, "fetch needs the name of a release",
                          "name one such as 2.3.1; electron-rescue releases shows them all");
}

base::Result<> copy_into(const std::string& folder, const std::vector<fetch::FetchedFile>& files) {
  if (folder.empty()) return {};
  TRY(base::make_directories(folder));
  for (const fetch::FetchedFile& file : files) {
    TRY(base::write_file(base::join(folder, file.file->file), file.bytes, base::Privacy::normal));
  }
  return {};
}

// Before anything is fetched. Errors: usage, bad_file.
base::Result<> check_bundle(Context& context, const std::string& path) {
  if (path.empty()) return {};
  if (base::exists(path)) {
    TRY(context.console.consent(
        fmt::format("{} exists. Replace it?", base::printable(path)),
        base::make_error(base::Errc::usage, "file-exists",
                         fmt::format("{} exists, and was not replaced", base::printable(path)),
                         "name a file that does not exist, or say --yes")));
  }
  return base::try_writing(path, 1);
}

base::Result<> write_bundle(const std::string& path, const std::vector<Outcome>& outcomes) {
  if (path.empty()) return {};
  std::vector<fetch::FetchedFile> files;
  for (const Outcome& outcome : outcomes) {
    files.insert(files.end(), outcome.files.begin(), outcome.files.end());
  }
  TRY_ASSIGN(const base::Bytes archive, fetch::bundle(files));
  return base::write_file(path, archive, base::Privacy::normal);
}

Json outcome_json(const Outcome& outcome, const std::string& folder) {
  Json json{{"release", outcome.release->version.text()}, {"files", Json::array()}};
  for (const fetch::FetchedFile& file : outcome.files) {
    json["files"].push_back(Json{{"file", file.file->file},
                                 {"part", file.file->part},
                                 {"index", file.file->id.index},
                                 {"path", base::join(folder, file.file->file)},
                                 {"source", fetch::name(file.source)},
                                 {"size", file.bytes.size()},
                                 {"sha256", base::to_hex(base::sha256(file.bytes))}});
  }
  if (outcome.error) {
    json["error"] = Json{{"code", outcome.error->id},
                         {"message", outcome.error->message},
                         {"hint", outcome.error->hint}};
  }
  return json;
}

std::vector<Outcome> fetch_all(Context& context, const FetchOptions& options,
                               const std::vector<const release::CatalogueRelease*>& releases,
                               std::vector<firmware::CheckedModule> given) {
  base::RealClock clock;
  FetchProgress progress(context);
  fetch::Fetcher fetcher({.catalogue = release::Catalogue::embedded(),
                          .network = options.offline ? nullptr : context.network(),
                          .places = fetch::configured_places(),
                          .cache = context.cache_directory(),
                          .given = std::move(given),
                          .clock = clock,
                          .silence = std::chrono::duration_cast<base::Micros>(
                              std::chrono::duration<double>(options.timeout)),
                          .cancel = context.cancel(),
                          .progress = [&](const fetch::Progress& now) { progress.on(now); },
                          .note =
                              [&](const std::string& text) {
                                progress.clear();
                                context.note(text);
                              }});
  std::vector<Outcome> outcomes;
  for (const release::CatalogueRelease* release : releases) {
    Outcome outcome{.release = release, .files = {}, .error = {}};
    auto files = fetcher.release(*release, !options.no_bootloader);
    progress.clear();
    if (files) {
      outcome.files = std::move(*files);
      if (auto copied = copy_into(options.folder, outcome.files); !copied) {
        outcome.error = std::move(copied.error());
      }
    } else {
      outcome.error = base::in_context(std::move(files.error()), release->version.text());
    }
    outcomes.push_back(std::move(outcome));
    if (context.cancel().requested()) break;
  }
  return outcomes;
}

int report_all(Context& context, const FetchOptions& options,
               const std::vector<Outcome>& outcomes) {
  const std::string& cache = context.cache_directory();
  const std::string& folder = options.folder.empty() ? cache : options.folder;
  Json document = report::document();
  document["releases"] = Json::array();
  std::optional<base::Error> failed;
  for (const Outcome& outcome : outcomes) {
    document["releases"].push_back(outcome_json(outcome, folder));
    if (outcome.error) {
      // With several, each is told; the last decides the exit code.
      if (failed) context.note("error: " + failed->message);
      failed = outcome.error;
    } else if (!context.global.json) {
      context.print(fmt::format("{}: {} files, checked, in {}\n", outcome.release->version.text(),
                                outcome.files.size(), base::printable(folder)));
    }
  }
  document["bundle"] = nullptr;
  if (failed) return context.fail(*failed, std::move(document));
  if (const auto bundled = write_bundle(options.bundle, outcomes); !bundled) {
    return context.fail(bundled.error(), std::move(document));
  }
  if (!options.bundle.empty()) {
    document["bundle"] = options.bundle;
    if (!context.global.json) {
      context.print(fmt::format("{} holds them all: name it with --firmware\n",
                                base::printable(options.bundle)));
    }
  }
  return context.finish(document, report::kDone);
}

int run_fetch(Context& context, const FetchOptions& options) {
  const auto releases = wanted(options);
  if (!releases) return context.fail(releases.error());
  if (context.cache_directory().empty() && options.folder.empty() && options.bundle.empty()) {
    return context.fail(base::make_error(
        base::Errc::usage, "no-cache", "there is no cache folder: this user has no home",
        fmt::format("say with --dir where the files are to go, or set {}",
                    os::advice().cache_variable)));
  }
  if (const auto place = check_bundle(context, options.bundle); !place) {
    return context.fail(place.error());
  }
  auto given = release::collect_named(options.from, platform::electron());
  if (!given) return context.fail(given.error());
  return report_all(context, options,
                    fetch_all(context, options, *releases, std::move(given->modules)));
}

}  // namespace

Run add_fetch(CLI::App& command) {
  auto options = std::make_shared<FetchOptions>();
  option(command, "VERSION", options->releases, "Releases, by their whole names")
      .type_name("VERSION");
  option(command, "--from", options->from,
         "Take them from this folder, archive or file first; may be given\n"
         "several times")
      .type_name("PATH")
      .repeated();
  option(command, "--dir", options->folder, "Copy the files there as well").type_name("DIR");
  option(command, "--bundle", options->bundle,
         "Pack the files into this ZIP archive, for a computer without a\n"
         "network (there: --firmware)")
      .type_name("FILE");
  flag(command, "--no-bootloader", options->no_bootloader,
       "Leave out the bootloader of releases that publish one");
  flag(command, "--offline", options->offline, "Use the cache and --from only");
  option(command, "--timeout", options->timeout,
         "Give a try up after so many seconds without a byte (30)")
      .check(
          [](const std::string& text) {
            const auto seconds = decimal(text);
            return seconds && *seconds >= 1 && *seconds <= 3600
                       ? std::string()
                       : std::string("it is a number of seconds from 1 to 3600");
          },
          "SECONDS")
      .type_name("S");
  return [options](Context& context) { return run_fetch(context, *options); };
}

}  // namespace cli
