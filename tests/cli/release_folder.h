// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A folder with releases' parts made by the test, for whole commands.

#include "base/files.h"
#include "cli/harness.h"
#include "firmware/build.h"
#include "plan/state.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cli_test {

// Removed after the test. The bytes are not the vendor's, so the commands take --allow-unknown.
class ReleaseFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fmt::format("{}{}-{}", testing::TempDir(), test->test_suite_name(), test->name());
    // As it can stand in a state file, too.
    std::ranges::replace(folder_, '\\', '/');
    std::filesystem::remove_all(folder_);  // of a run that was killed
    ASSERT_TRUE(base::make_directories(folder_));
  }

  void TearDown() override {
    for (const std::string& path : written_) EXPECT_TRUE(base::remove_file(path));
    EXPECT_TRUE(base::remove_file(folder_));
  }

  // Below the folder, removed with it.
  std::string path(const std::string& name) {
    written_.push_back(base::join(folder_, name));
    return written_.back();
  }

  void write(const std::string& name, base::ByteView content) {
    ASSERT_TRUE(base::write_file(path(name), content, base::Privacy::normal));
  }

  void put(std::string_view release) {
    release::Version version;
    ASSERT_TRUE(release::Version::parse(release, version));
    const auto* known = release::Catalogue::embedded().find(version);
    ASSERT_NE(known, nullptr);
    const std::vector<std::string> names = release::file_names(*known);
    for (const auto& part : plan::state_of(*known, platform::electron()).modules) {
      if (!part.valid()) continue;
      const base::Bytes image = firmware::build({part.id, part.version(), part.dependencies()[0],
                                                 part.dependencies()[1], 2048, part.version()},
                                                platform::electron());
      write(names.at(part.id.index - 1U), image);
    }
  }

  std::string folder_;
  std::vector<std::string> written_;
  Bench bench_;
};

}  // namespace cli_test
