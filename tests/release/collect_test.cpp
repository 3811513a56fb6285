// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/collect.h"

#include "base/files.h"
#include "release/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace release {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Modules = std::vector<firmware::CheckedModule>;

class Collect : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "collect_" + test->name();
    ASSERT_TRUE(base::make_directories(folder_ + "/deeper"));
  }
  void TearDown() override {
    for (const std::string& file : written_) EXPECT_TRUE(base::remove_file(file));
    EXPECT_TRUE(base::remove_file(folder_ + "/deeper"));
    EXPECT_TRUE(base::remove_file(folder_));
  }
  void write(const std::string& name, base::ByteView content) {
    written_.push_back(folder_ + "/" + name);
    ASSERT_TRUE(base::write_file(written_.back(), content, base::Privacy::normal));
  }
  std::string folder_;
  std::vector<std::string> written_;
};

TEST_F(Collect, ReadsAFolderOneLevelDeep) {
  const Modules parts = two_parts(21, 1);
  write("b.bin", parts[0].image());
  write("a.bin", parts[1].image());
  write("deeper/c.bin", two_parts(23, 1)[0].image());
  const auto collected = collect({folder_}, platform::electron());
  ASSERT_TRUE(collected);
  ASSERT_THAT(collected->modules, SizeIs(2));
  EXPECT_THAT(collected->modules[0].source(), HasSubstr("a.bin"));
  EXPECT_THAT(collected->passed_over, IsEmpty());
}

TEST_F(Collect, PassesOverWhatIsNoModuleAndSaysWhy) {
  write("notes.txt", base::as_bytes("just some notes about firmware"));
  write("whole.bin", two_parts(21, 1)[0].image());
  write("half.bin", two_parts(21, 1)[0].image().first(900));
  const auto collected = collect({folder_}, platform::electron());
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->modules, SizeIs(1));
  ASSERT_THAT(collected->passed_over, SizeIs(2));
  EXPECT_EQ(collected->passed_over[0].second.code, "truncated");
  EXPECT_EQ(collected->passed_over[1].second.code, "no-header");
}

TEST_F(Collect, SkipsAFolderThatIsMissing) {
  write("whole.bin", two_parts(21, 1)[0].image());
  const auto collected = collect({folder_ + "/nowhere", folder_}, platform::electron());
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->modules, SizeIs(1));
}

TEST_F(Collect, TakesAFileGivenByName) {
  write("whole.bin", two_parts(21, 1)[0].image());
  const auto collected = collect({folder_ + "/whole.bin"}, platform::electron());
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->modules, SizeIs(1));
}

}  // namespace
}  // namespace release
