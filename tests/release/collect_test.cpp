// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/collect.h"

#include "base/files.h"
#include "release/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

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
    ASSERT_TRUE(base::make_directories(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, base::ByteView content) {
    const std::string path = folder_ + "/" + name;
    ASSERT_TRUE(base::make_directories(base::folder_of(path)));
    ASSERT_TRUE(base::write_file(path, content, base::Privacy::normal));
  }
  std::string folder_;
};

TEST_F(Collect, ReadsAFolderThreeLevelsDeepAndNoDeeper) {
  const Modules parts = two_parts(21, 1);
  write("b.bin", parts[0].image());
  write("a.bin", parts[1].image());
  write("deeper/1/2/c.bin", two_parts(23, 1)[0].image());
  write("deeper/1/2/3/d.bin", two_parts(23, 1)[1].image());
  write(".git/e.bin", two_parts(24, 1)[1].image());
  const auto collected = collect({folder_}, platform::electron());
  ASSERT_TRUE(collected);
  ASSERT_THAT(collected->modules, SizeIs(3));
  EXPECT_THAT(collected->modules[0].source(), HasSubstr("a.bin"));
  EXPECT_THAT(collected->modules[2].source(), HasSubstr("c.bin"));
  EXPECT_THAT(collected->passed_over, IsEmpty());
}

TEST_F(Collect, TellsWhatItLookedAt) {
  write("a.bin", two_parts(21, 1)[0].image());
  write("notes.txt", base::as_bytes("just some notes about firmware"));
  write("page.bin", base::as_bytes("<!DOCTYPE html><html><title>Sign in</title></html>"));
  const Modules parts = two_parts(21, 1);
  base::Bytes photon(parts[0].image().begin(), parts[0].image().end());
  photon[0x184 + 12] = 6;
  firmware::seal(photon);
  write("photon.bin", photon);
  const auto collected = collect({folder_, folder_ + "/nowhere"}, platform::electron());
  ASSERT_TRUE(collected);
  ASSERT_THAT(collected->places, SizeIs(2));
  const Looked& place = collected->places[0];
  EXPECT_TRUE(place.there);
  EXPECT_EQ(place.files, 4U);
  EXPECT_EQ(place.modules, 1U);
  EXPECT_THAT(place.others, testing::ElementsAre(testing::Pair("a module for the Photon", 1U),
                                                 testing::Pair("a text file", 1U),
                                                 testing::Pair("a web page", 1U)));
  EXPECT_FALSE(collected->places[1].there);
}

TEST_F(Collect, TakesASectorThatWasReadBackAndNotesIt) {
  const Modules parts = two_parts(21, 1);
  base::Bytes sector(parts[0].image().begin(), parts[0].image().end());
  sector.resize(0x20000, 0xFF);
  write("sector.bin", sector);
  const auto collected = collect({folder_}, platform::electron());
  ASSERT_TRUE(collected);
  ASSERT_THAT(collected->modules, SizeIs(1));
  EXPECT_EQ(collected->modules[0].file_sha256(), parts[0].file_sha256());
  ASSERT_THAT(collected->notes, SizeIs(1));
  EXPECT_EQ(collected->notes[0].problem.code, "padding");
}

TEST_F(Collect, PassesOverWhatIsNoModuleAndSaysWhy) {
  write("notes.txt", base::as_bytes("just some notes about firmware"));
  write("whole.bin", two_parts(21, 1)[0].image());
  write("half.bin", two_parts(21, 1)[0].image().first(900));
  const auto collected = collect({folder_}, platform::electron());
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->modules, SizeIs(1));
  ASSERT_THAT(collected->passed_over, SizeIs(2));
  EXPECT_EQ(collected->passed_over[0].problem.code, "truncated");
  EXPECT_EQ(collected->passed_over[1].problem.code, "no-header");
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
