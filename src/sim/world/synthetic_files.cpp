// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/synthetic_files.h"

#include "base/files.h"
#include "release/catalogue.h"
#include "sim/world/synthetic.h"

#include <fmt/format.h>

namespace sim {
namespace {

constexpr std::string_view kEnding = ".bin";

std::string marked(std::string name) {
  if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
  return name + "-synthesised" + std::string(kEnding);
}

}  // namespace

base::Result<std::vector<std::string>> write_synthetic_release(std::string_view release,
                                                               const std::string& folder) {
  release::Version version;
  const release::CatalogueRelease* about = release::Version::parse(release, version)
                                               ? release::Catalogue::embedded().find(version)
                                               : nullptr;
  if (about == nullptr || !about->module_version) {
    return base::make_error(
        base::Errc::usage, "unknown-release",
        fmt::format("there is no release {} to synthesise", base::printable(release)),
        "name a release such as 0.6.4");
  }
  TRY(base::make_directories(folder));
  const std::vector<std::string> names = release::file_names(*about);
  const std::vector<base::Bytes> parts = synthesise_release(*about, platform::electron());
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    paths.push_back(base::join(folder, marked(names[i])));
    TRY(base::write_file(paths.back(), parts[i], base::Privacy::normal));
  }
  return paths;
}

}  // namespace sim
