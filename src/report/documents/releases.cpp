// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/releases.h"

#include "report/document.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

std::string files_text(const ListedRelease& listed, const Style& style) {
  if (listed.at_hand) return paint(style, Tone::good, "at hand");
  if (can_be_fetched(*listed.release)) {
    return "electron-rescue fetch " + listed.release->version.text();
  }
  return paint(style, Tone::quiet, "no checksums known");
}

}  // namespace

std::string releases_text(const std::vector<ListedRelease>& releases, const Style& style,
                          bool all) {
  std::vector<std::vector<std::string>> rows{{"RELEASE", "VERSION", "BOOTLOADER", "FILES"}};
  for (std::string& heading : rows.front()) heading = paint(style, Tone::quiet, heading);
  std::size_t left_out = 0;
  for (const ListedRelease& listed : releases) {
    const release::CatalogueRelease& release = *listed.release;
    if (!all && release.version.prerelease() && !listed.at_hand && !can_be_fetched(release)) {
      ++left_out;
      continue;
    }
    rows.push_back(
        {release.version.text(),
         release.module_version ? fmt::format("{}", *release.module_version) : "-",
         release.bootloader_version == 0 ? "-" : fmt::format("{}", release.bootloader_version),
         files_text(listed, style)});
  }
  std::string text = table(rows, 0, style);
  if (left_out > 0) {
    text += fmt::format("and {} pre-releases of which no checksums are known: -v lists them\n",
                        left_out);
  }
  return text;
}

Json releases_document(const std::vector<ListedRelease>& releases) {
  Json json = document();
  json["releases"] = Json::array();
  for (const ListedRelease& listed : releases) {
    const release::CatalogueRelease& release = *listed.release;
    json["releases"].push_back(
        Json{{"release", release.version.text()},
             {"version", release.module_version ? Json(*release.module_version) : Json(nullptr)},
             {"prerelease", release.version.prerelease()},
             {"files", release::file_names(release)},
             {"checksums", can_be_fetched(release)},
             {"at_hand", listed.at_hand},
             {"page", release::release_page(release)}});
  }
  return json;
}

}  // namespace report
