// SPDX-License-Identifier: GPL-3.0-or-later
//
// The vendor's own files, where scripts/get-firmware has fetched them (environment ER_FIRMWARE_DIR,
// or the user's cache folder): each is what the catalogue says, and together they are releases.

#include "base/files.h"
#include "release/assemble.h"
#include "release/collect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace release {
namespace {

using ::testing::IsEmpty;

class RealImages : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = base::environment("ER_FIRMWARE_DIR");
    if (folder.empty()) folder = base::cache_directory();
    if (folder.empty() || !base::is_directory(folder)) {
      GTEST_SKIP() << "no release files: neither ER_FIRMWARE_DIR nor the cache folder is there";
    }
    auto collected = collect({folder}, platform::electron());
    ASSERT_TRUE(collected) << collected.error().message;
    collected_ = std::move(*collected);
    if (collected_.modules.empty()) GTEST_SKIP() << "no release files in " << folder;
  }

  // The released files that are there.
  std::vector<firmware::CheckedModule> released() const {
    std::vector<firmware::CheckedModule> found;
    for (const firmware::CheckedModule& module : collected_.modules) {
      if (kCatalogue.recognise(module).how == Recognition::by_sha256) found.push_back(module);
    }
    return found;
  }

  // Releases may share a file.
  bool is_file(const firmware::CheckedModule& module, const CatalogueFile& file) const {
    const Match match = kCatalogue.recognise(module);
    return match.file != nullptr && match.file->id == file.id &&
           match.file->length == file.length && match.file->crc32 == file.crc32;
  }

  const Catalogue& kCatalogue = Catalogue::embedded();
  Collected collected_;
};

TEST_F(RealImages, AreWhatTheCatalogueSays) {
  for (const firmware::CheckedModule& module : released()) {
    const Match match = kCatalogue.recognise(module);
    ASSERT_NE(match.file, nullptr) << module.source();
    const CatalogueFile& file = *match.file;
    EXPECT_EQ(module.id(), file.id) << module.source();
    EXPECT_EQ(module.version(), file.version) << module.source();
    EXPECT_EQ(module.address(), file.start) << module.source();
    EXPECT_EQ(module.image().size(), file.length) << module.source();
    EXPECT_EQ(module.crc32(), file.crc32) << module.source();
    std::vector<firmware::Dependency> dependencies;
    for (const auto& dependency : {module.header().dependency1, module.header().dependency2}) {
      if (!dependency.none()) dependencies.push_back(dependency);
    }
    EXPECT_EQ(dependencies, file.dependencies) << module.source();
  }
}

// get-firmware names files as the catalogue does, so a file of that name must be that file.
TEST_F(RealImages, OfAReleasedNameAreTheReleasedFiles) {
  std::set<std::string> passed;
  for (const PassedOver& entry : collected_.passed_over) {
    passed.insert(base::file_name(entry.file));
  }
  for (const CatalogueRelease& release : kCatalogue.releases()) {
    for (const CatalogueFile& file : release.parts) {
      EXPECT_EQ(passed.count(file.file), 0U) << file.file;
      for (const firmware::CheckedModule& module : collected_.modules) {
        if (base::file_name(module.source()) != file.file) continue;
        EXPECT_TRUE(is_file(module, file)) << file.file;
      }
    }
  }
}

TEST_F(RealImages, MakeUpReleasesWithoutAnyWarning) {
  std::set<std::string> expected;
  for (const CatalogueRelease& release : kCatalogue.releases()) {
    std::size_t there = 0;
    for (const CatalogueFile& file : release.parts) {
      for (const firmware::CheckedModule& module : released()) {
        if (is_file(module, file)) ++there;
      }
    }
    if (there > 0 && there >= release.parts.size()) expected.insert(release.version.text());
  }
  const Library library = assemble(released(), kCatalogue, {});
  std::set<std::string> found;
  for (const ValidatedRelease& release : library.releases) {
    found.insert(release.version().text());
    EXPECT_TRUE(release.released_files()) << release.version().text();
    EXPECT_THAT(release.warnings(), IsEmpty()) << release.version().text();
  }
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace release
