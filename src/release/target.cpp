// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/target.h"

#include "base/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace release {
namespace {

constexpr std::size_t kMostSuggestions = 3;

std::vector<std::string> names_of(const std::vector<const CatalogueRelease*>& releases) {
  std::vector<std::string> names;
  for (const CatalogueRelease* release : releases) names.push_back(release->version.text());
  return names;
}

// The final ones among them, or all of them if none is.
std::vector<const CatalogueRelease*> final_ones(std::vector<const CatalogueRelease*> releases) {
  std::vector<const CatalogueRelease*> chosen;
  std::ranges::copy_if(releases, std::back_inserter(chosen), [](const CatalogueRelease* release) {
    return !release->version.prerelease();
  });
  return chosen.empty() ? std::move(releases) : chosen;
}

// Releases whose name goes on after `part` with another piece of it: "2.3" begins 2.3.1, not 2.30.
std::vector<const CatalogueRelease*> beginning_with(std::string_view part,
                                                    const Catalogue& catalogue) {
  std::vector<const CatalogueRelease*> found;
  if (part.empty()) return found;
  for (const CatalogueRelease& release : catalogue.releases()) {
    const std::string_view name = release.version.text();
    if (name.size() <= part.size() || !name.starts_with(part)) continue;
    const char next = name[part.size()];
    if (next == '.' || next == '-') found.push_back(&release);
  }
  return found;
}

std::string did_you_mean(std::string_view text, const Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const CatalogueRelease& release : catalogue.releases()) {
    names.push_back(release.version.text());
  }
  // Newer ones are meant more often.
  std::ranges::reverse(names);
  const std::vector<std::string> near = base::nearest(text, names, kMostSuggestions);
  if (!near.empty()) return fmt::format("did you mean {}?", base::one_of(near));
  return "name a release such as 2.3.1 or 0.4.8-rc.6";
}

}  // namespace

base::Result<Version> parse_release(const std::string& text, const Catalogue& catalogue) {
  std::string_view name = text;
  if (name.starts_with('v')) name.remove_prefix(1);
  const std::string shown = base::printable(text.empty() ? "an empty name" : text);
  if (const auto whole = beginning_with(name, catalogue); !whole.empty()) {
    Version exact;
    const CatalogueRelease* known = Version::parse(name, exact) ? catalogue.find(exact) : nullptr;
    if (known != nullptr && known->version.text() == name) return exact;
    return base::make_error(
        base::Errc::usage, "partial-release",
        fmt::format("{} is only the beginning of a release's name: it could mean {}", shown,
                    base::one_of(names_of(final_ones(whole)))),
        "say which one, by its whole name");
  }
  Version version;
  if (!Version::parse(text, version)) {
    return base::make_error(base::Errc::usage, "usage", shown + " is not a release name",
                            did_you_mean(text, catalogue));
  }
  if (version.is_custom()) return version;
  const CatalogueRelease* known = catalogue.find(version);
  if (known != nullptr && known->version.text() == version.text()) return version;
  const CatalogueRelease* last = catalogue.last();
  if (last != nullptr && last->version < version) {
    return base::make_error(base::Errc::usage, "beyond-last-release",
                            fmt::format("{} is no release for the Electron: its last is {}", shown,
                                        last->version.text()),
                            fmt::format("name {} or an earlier one", last->version.text()));
  }
  return base::make_error(base::Errc::usage, "unknown-release",
                          fmt::format("no release {} is known", shown),
                          did_you_mean(name, catalogue));
}

std::optional<Needs> needs_of(const firmware::ModuleHeader& application,
                              const Catalogue& catalogue) {
  return needs_of(std::array{application.dependency1, application.dependency2}, catalogue);
}

std::optional<Needs> needs_of(std::span<const firmware::Dependency> dependencies,
                              const Catalogue& catalogue) {
  for (const firmware::Dependency& dependency : dependencies) {
    if (dependency.module.function != platform::ModuleFunction::system_part) continue;
    Needs needs;
    needs.system = dependency;
    needs.built_for = catalogue.with_module_version(dependency.version);
    for (const CatalogueRelease& release : catalogue.releases()) {
      if (release.version.prerelease() || !release.module_version) continue;
      if (*release.module_version < dependency.version) continue;
      needs.oldest = &release;
      break;
    }
    return needs;
  }
  return std::nullopt;
}

std::string describe(const Needs& needs) {
  const std::vector<std::string> names = names_of(final_ones(needs.built_for));
  if (names.size() == 1) return names.front() + " or later";
  if (!names.empty()) {
    // Newest first in the list, oldest first for people.
    return fmt::format("{} … {} (all of module version {}) or later", names.back(), names.front(),
                       needs.system.version);
  }
  if (needs.oldest == nullptr) {
    return fmt::format("{} in version {} or later, which no release has",
                       platform::describe(needs.system.module), needs.system.version);
  }
  return fmt::format("{} or later (it asks for module version {})", needs.oldest->version.text(),
                     needs.system.version);
}

base::Result<const CatalogueRelease*> release_built_for(const firmware::CheckedModule& application,
                                                        const Catalogue& catalogue) {
  const firmware::ModuleHeader& header = application.header();
  return release_built_for(base::printable(application.source()),
                           std::array{header.dependency1, header.dependency2}, catalogue);
}

base::Result<const CatalogueRelease*> release_built_for(
    const std::string& name, std::span<const firmware::Dependency> dependencies,
    const Catalogue& catalogue) {
  const auto undecided = [&](std::string why, std::string hint) {
    return base::make_error(base::Errc::usage, "target-undecided",
                            fmt::format("{}: {}", name, std::move(why)), std::move(hint));
  };
  const std::optional<Needs> needs = needs_of(dependencies, catalogue);
  if (!needs) {
    return undecided("it does not say which release it was built for",
                     "name the release with --target");
  }
  const std::vector<const CatalogueRelease*> found = final_ones(needs->built_for);
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return undecided(
        fmt::format("it was built for module version {}, which is no release's",
                    needs->system.version),
        needs->oldest == nullptr
            ? std::string("no release for the Electron can run it")
            : fmt::format("the oldest release that can run it is {}: say --target {}",
                          needs->oldest->version.text(), needs->oldest->version.text()));
  }
  std::vector<std::string> names = names_of(found);
  std::ranges::reverse(names);
  return undecided(fmt::format("it was built for {}, which all have module version {}",
                               base::one_of(names), needs->system.version),
                   "say with --target which one");
}

}  // namespace release
