// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/synthetic_files.h"

#include "base/files.h"
#include "release/assemble.h"
#include "release/catalogue.h"
#include "release/collect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace sim {
namespace {

class SyntheticFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "synthetic_files_" +
             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  release::Library library(bool allow_unknown) const {
    auto collected = release::collect({folder}, platform::electron());
    EXPECT_TRUE(collected && collected->passed_over.empty());
    return release::assemble(std::move(collected->modules), release::Catalogue::embedded(),
                             {.allow_unknown = allow_unknown});
  }

  std::string folder;
};

TEST_F(SyntheticFiles, FormCompleteReleasesForThoseWhoAllowThem) {
  ASSERT_TRUE(write_synthetic_release("0.5.5", folder));
  ASSERT_TRUE(write_synthetic_release("0.6.4", folder));
  const release::Library found = library(true);
  for (const std::string_view name : {"0.5.5", "0.6.4"}) {
    release::Version version;
    ASSERT_TRUE(release::Version::parse(name, version));
    EXPECT_NE(found.find(version), nullptr) << name;
  }
}

TEST_F(SyntheticFiles, ServeTheReleaseTheyWereMadeForEvenIfOthersShareItsNumber) {
  for (const std::string_view name : {"0.4.8-rc.6", "0.5.0"}) {
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(write_synthetic_release(name, folder));
    release::Version version;
    ASSERT_TRUE(release::Version::parse(name, version));
    EXPECT_NE(library(true).find(version), nullptr) << name;
  }
}

TEST_F(SyntheticFiles, AreNotTakenForTheReleasedOnes) {
  ASSERT_TRUE(write_synthetic_release("2.3.1", folder));
  EXPECT_TRUE(library(false).releases.empty());
}

TEST_F(SyntheticFiles, SayInTheirNamesWhatTheyAre) {
  const auto paths = write_synthetic_release("0.6.4", folder);
  ASSERT_TRUE(paths);
  EXPECT_THAT(*paths, ::testing::SizeIs(3));
  EXPECT_THAT(*paths, ::testing::Each(::testing::EndsWith("-synthesised.bin")));
}

TEST_F(SyntheticFiles, AreNotMadeOfAReleaseThatNeverWas) {
  const auto paths = write_synthetic_release("7.7.7", folder);
  ASSERT_FALSE(paths);
  EXPECT_EQ(paths.error().code, base::Errc::usage);
  EXPECT_FALSE(base::exists(folder));
}

}  // namespace
}  // namespace sim
