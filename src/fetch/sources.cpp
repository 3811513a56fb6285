// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/sources.h"

#include "base/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

namespace fetch {
namespace {

constexpr std::string_view kRegistry = "https://registry.npmjs.org";
constexpr std::string_view kDownloads =
    "https://github.com/particle-iot/device-os/releases/download";
constexpr std::uint64_t kLargestNpmrc = 64 * 1024;

std::string without_slash(std::string address) {
  while (address.ends_with('/')) address.pop_back();
  return address;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\"'";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

std::vector<std::string> npmrc_files() {
  std::vector<std::string> files;
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (std::string value = base::environment(name); !value.empty()) return value;
    }
    return std::string();
  };
  const std::string user = first({"npm_config_userconfig", "NPM_CONFIG_USERCONFIG"});
  const std::string home = first({"HOME", "USERPROFILE"});
  if (!user.empty()) {
    files.push_back(user);
  } else if (!home.empty()) {
    files.push_back(base::join(home, ".npmrc"));
  }
  const std::string global = first({"npm_config_globalconfig", "NPM_CONFIG_GLOBALCONFIG"});
  if (!global.empty()) files.push_back(global);
  for (const char* usual : {"/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc"}) {
    files.emplace_back(usual);
  }
  return files;
}

std::string registry() {
  for (const char* name : {"npm_config_registry", "NPM_CONFIG_REGISTRY"}) {
    if (std::string value = base::environment(name); !value.empty()) return value;
  }
  for (const std::string& file : npmrc_files()) {
    const auto content = base::read_file(file, kLargestNpmrc);
    if (!content) continue;
    if (std::string value = registry_in(base::as_text(*content)); !value.empty()) return value;
  }
  return std::string(kRegistry);
}

// RFC 3986, 2.3: what needs no percent sign in a path, and '@'.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        std::isalnum(byte) != 0 || std::string_view("-._~@").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

}  // namespace

std::string registry_in(std::string_view npmrc) {
  std::string found;
  while (!npmrc.empty()) {
    const std::size_t end = npmrc.find('\n');
    const std::string_view line = trimmed(npmrc.substr(0, end));
    npmrc.remove_prefix(end == std::string_view::npos ? npmrc.size() : end + 1);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || trimmed(line.substr(0, equals)) != "registry") continue;
    found = std::string(trimmed(line.substr(equals + 1)));
  }
  return found;
}

Places configured_places() {
  const std::string downloads = base::environment("ER_RELEASE_DOWNLOADS");
  return {without_slash(registry()),
          without_slash(downloads.empty() ? std::string(kDownloads) : downloads)};
}

std::optional<std::string> package_version(const release::Version& version) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kPackages{{
      {"0.5.2", "1.16.0"},
      {"1.5.0", "2.3.0"},
      {"1.5.1", "2.5.0"},
      {"1.5.2", "2.7.0"},
      {"2.0.0", "2.9.0"},
      {"2.0.1", "2.10.0"},
      {"2.1.0", "2.12.0"},
      {"2.2.0", "2.16.0"},
      {"2.3.1", "3.6.0"},
  }};
  for (const auto& [release, package] : kPackages) {
    if (release == version.text()) return std::string(package);
  }
  return std::nullopt;
}

std::string manifest_address(const Places& places, const std::string& package_version) {
  return fmt::format("{}/{}/{}", places.registry, kPackage, package_version);
}

base::Result<std::string> archive_address(base::ByteView manifest) {
  const auto json = nlohmann::json::parse(manifest.begin(), manifest.end(), nullptr, false);
  const auto nothing = [] {
    return base::make_error(base::Errc::bad_file, "bad-manifest",
                            "what the registry answered is no package manifest",
                            "is there a login page in between, or another server than npm's?");
  };
  if (!json.is_object()) return nothing();
  const auto dist = json.find("dist");
  if (dist == json.end() || !dist->is_object()) return nothing();
  const auto tarball = dist->find("tarball");
  if (tarball == dist->end() || !tarball->is_string()) return nothing();
  return tarball->get<std::string>();
}

std::string file_address(const Places& places, const release::CatalogueRelease& release,
                         const release::CatalogueFile& file) {
  return fmt::format("{}/{}/{}", places.downloads, escaped(release.tag), escaped(file.file));
}

}  // namespace fetch
