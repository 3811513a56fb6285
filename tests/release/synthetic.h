// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Releases without a vendor: module images made by firmware::build, and catalogues that know them.

#include "base/result.h"
#include "firmware/build.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "release/catalogue.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace release {

inline firmware::CheckedModule synthetic(const firmware::BuildRequest& request,
                                         const std::string& source) {
  auto checked = firmware::check(firmware::parse(firmware::build(request, platform::electron())),
                                 platform::electron(), source);
  EXPECT_TRUE(checked) << source;
  return std::move(*checked);
}

inline firmware::CheckedModule synthetic(const firmware::BuildRequest& request) {
  return synthetic(request, fmt::format("{}-{}-{}.bin", name(request.id.function), request.id.index,
                                        request.version));
}

// The parts of a release of the time before 0.6.0: indexes 1, 2. `seed` makes another build of it.
inline std::vector<firmware::CheckedModule> two_parts(std::uint16_t version, std::uint32_t seed) {
  return {synthetic({.id = platform::kSystemPart1, .version = version, .seed = seed},
                    fmt::format("part1-{}-{}.bin", version, seed)),
          synthetic({.id = platform::kSystemPart2,
                     .version = version,
                     .dependency1 = {platform::kSystemPart1, version},
                     .seed = seed + 100},
                    fmt::format("part2-{}-{}.bin", version, seed))};
}

// The parts of a release since 0.6.0, in the order of the file names: indexes 3, 1, 2.
inline std::vector<firmware::CheckedModule> three_parts(std::uint16_t version, std::uint32_t seed) {
  return {synthetic({.id = platform::kSystemPart3, .version = version, .seed = seed},
                    fmt::format("part1-{}-{}.bin", version, seed)),
          synthetic({.id = platform::kSystemPart1,
                     .version = version,
                     .dependency1 = {platform::kSystemPart3, version},
                     .seed = seed + 100},
                    fmt::format("part2-{}-{}.bin", version, seed)),
          synthetic({.id = platform::kSystemPart2,
                     .version = version,
                     .dependency1 = {platform::kSystemPart1, version},
                     .dependency2 = {platform::kBootloader, 101},
                     .seed = seed + 200},
                    fmt::format("part3-{}-{}.bin", version, seed))};
}

struct SyntheticRelease {
  std::string version;
  std::vector<firmware::CheckedModule> parts;  // empty: no released file is known
  std::string build;                           // "+debug" or nothing, for the file names
  std::uint16_t module_version = 0;            // where there are no parts
  bool three = true;                           // indexes 3, 1, 2 rather than 1, 2
};

// A catalogue with exactly these releases, oldest first, made through its own JSON form.
inline Catalogue catalogue_of(const std::vector<SyntheticRelease>& releases) {
  std::string json = "[";
  for (const SyntheticRelease& release : releases) {
    std::string parts;
    for (std::size_t i = 0; i < release.parts.size(); ++i) {
      const firmware::CheckedModule& part = release.parts[i];
      parts += fmt::format(
          R"({}{{"file":"part{}@{}{}.bin","part":{},"index":{},"start":"{}","length":{},)"
          R"("dependencies":[],"crc32":"{}","sha256":"{}"}})",
          i == 0 ? "" : ",", i + 1, release.version, release.build, i + 1, part.id().index,
          base::hex32(part.address()), part.image().size(), base::hex32(part.crc32()),
          base::to_hex(part.file_sha256()));
    }
    const int module_version =
        release.parts.empty() ? release.module_version : release.parts.front().version();
    json += fmt::format(
        R"({}{{"version":"{}","tag":"v{}","module_version":{},"bootloader_version":7,)"
        R"("file_numbering":"{}","parts":[{}]}})",
        json.size() == 1 ? "" : ",", release.version, release.version, module_version,
        release.three ? "part1=index3, part2=index1, part3=index2" : "part1=index1, part2=index2",
        parts);
  }
  auto catalogue = Catalogue::parse(json + "]");
  EXPECT_TRUE(catalogue) << (catalogue ? std::string() : catalogue.error().message);
  return catalogue.value_or(Catalogue());
}

}  // namespace release
