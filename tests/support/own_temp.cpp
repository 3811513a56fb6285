// SPDX-License-Identifier: GPL-3.0-or-later
//
// Part of each test program: what a test calls testing::TempDir() is a folder that this process has
// for itself, gone when it ends. Shards of one program, and those of several build trees, run
// beside each other and name their files alike.

#include "support/own_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <system_error>

#ifdef _WIN32
#include <process.h>
#else
#include <unistd.h>
#endif

namespace test_support {
namespace {

int process_number() {
#ifdef _WIN32
  return ::_getpid();
#else
  return ::getpid();
#endif
}

class OwnTemp final : public testing::Environment {
 public:
  void SetUp() override {
    // Short: the names of local sockets lie below it, and have little room.
    const std::string name = testing::TempDir() + "er" + std::to_string(process_number());
    std::error_code error;
    // An earlier process of this number may have been killed, and that of another container lives.
    for (int n = 0; path_.empty() && !error; ++n) {
      const std::string tried = n == 0 ? name : name + "-" + std::to_string(n);
      if (std::filesystem::create_directory(tried, error)) path_ = tried;
    }
    ASSERT_FALSE(error) << name << ": " << error.message();
    set_environment("TEST_TMPDIR", path_);
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

 private:
  std::string path_;
};

// googletest owns it.
[[maybe_unused]] const testing::Environment* const own_temp =
    testing::AddGlobalTestEnvironment(new OwnTemp);

}  // namespace
}  // namespace test_support
