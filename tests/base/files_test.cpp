// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace base {
namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "files_test_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return join(folder_, name); }
  std::string folder_;
};

TEST_F(Files, AreReadBackAsTheyWereWritten) {
  const Bytes content{1, 2, 3, 0, 255};
  ASSERT_TRUE(write_file(path("a"), content, Privacy::normal));
  EXPECT_EQ(read_file(path("a"), 100).value(), content);
}

TEST_F(Files, AreListedByNameWithFoldersAndLinks) {
  ASSERT_TRUE(write_file(path("b"), Bytes{1}, Privacy::normal));
  ASSERT_TRUE(make_directories(path("c")));
  ASSERT_EQ(::symlink("nowhere", path("a").c_str()), 0);
  EXPECT_THAT(list_names(folder_).value(), testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(list_names(path("none")).error().code, Errc::bad_file);
}

TEST_F(Files, OfTheKernelAreReadWithoutTheirSize) {
  EXPECT_NE(read_kernel_text("/proc/self/comm"), "") << "its size is 0 before it is read";
  ASSERT_TRUE(write_file(path("a"), Bytes{'2', 'b', '0', '4', '\n'}, Privacy::normal));
  EXPECT_EQ(read_kernel_text(path("a")), "2b04");
  EXPECT_EQ(read_kernel_text(path("none")), "");
}

TEST_F(Files, OverTheLimitAreRefused) {
  ASSERT_TRUE(write_file(path("a"), Bytes(101), Privacy::normal));
  const auto result = read_file(path("a"), 100);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::bad_file);
}

TEST_F(Files, ThatAreFoldersOrMissingAreRefused) {
  EXPECT_EQ(read_file(folder_, 100).error().code, Errc::bad_file);
  EXPECT_EQ(read_file(path("none"), 100).error().code, Errc::bad_file);
}

TEST_F(Files, ForTheOwnerOnlyHaveMode0600EvenOverAnOlderFile) {
  ASSERT_TRUE(write_file(path("keys"), Bytes{1}, Privacy::normal));
  ASSERT_TRUE(write_file(path("keys"), Bytes{2}, Privacy::owner_only));
  struct stat status {};
  ASSERT_EQ(::stat(path("keys").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Files, ThatCannotBeWrittenLeaveNothingBehind) {
  const auto result = write_file(path("no/such/folder/a"), Bytes{1}, Privacy::normal);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::bad_file);
  EXPECT_TRUE(list_files(folder_).value().empty());
}

TEST_F(Files, OnAFullDiskGiveAnErrorAndKeepTheOldFile) {
  if (!exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const auto result = write_file("/dev/full", Bytes(4096, 1), Privacy::normal);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::bad_file);
}

TEST_F(Files, LeaveAloneWhatLiesBesideThem) {
  ASSERT_TRUE(write_file(path("a.tmp"), as_bytes("mine"), Privacy::normal));
  ASSERT_TRUE(write_file(path("a.1.tmp"), as_bytes("mine"), Privacy::normal));
  ASSERT_TRUE(write_file(path("a"), as_bytes("new"), Privacy::normal));
  EXPECT_EQ(as_text(read_file(path("a.tmp"), 100).value()), "mine");
  EXPECT_EQ(as_text(read_file(path("a.1.tmp"), 100).value()), "mine");
  EXPECT_EQ(list_files(folder_).value().size(), 3U);
}

TEST_F(Files, ThatAreToBeNewReplaceNothing) {
  ASSERT_TRUE(write_file(path("a"), as_bytes("first"), Privacy::normal));
  EXPECT_EQ(claim_file(path("a")).error().id, "file-exists");
  EXPECT_EQ(as_text(read_file(path("a"), 100).value()), "first");
  EXPECT_EQ(LineFile::create_new(path("a"), Privacy::normal).error().id, "file-exists");
}

TEST_F(Files, AreTriedWithoutATrace) {
  EXPECT_TRUE(try_writing(path("a"), 5000));
  EXPECT_FALSE(try_writing(path("none/a"), 10));
  EXPECT_FALSE(try_writing(folder_, 10));
  EXPECT_TRUE(list_files(folder_).value().empty());
}

TEST_F(Files, KnowTheirFolder) {
  EXPECT_EQ(folder_of("a"), ".");
  EXPECT_EQ(folder_of("b/a"), "b");
}

TEST_F(Files, ThatGrowByLinesTellOfALostLine) {
  if (!exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  auto file = LineFile::create("/dev/full", Privacy::normal);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->problem(), "");
  file->line("one");
  EXPECT_NE(file->problem(), "");
}

TEST_F(Files, AreListedSortedAndWithoutFolders) {
  ASSERT_TRUE(write_file(path("b"), {}, Privacy::normal));
  ASSERT_TRUE(write_file(path("a"), {}, Privacy::normal));
  ASSERT_TRUE(make_directories(path("c")));
  EXPECT_THAT(list_files(folder_).value(), testing::ElementsAre(path("a"), path("b")));
  EXPECT_FALSE(list_files(path("none")));
}

TEST_F(Files, ThatGrowByLinesHoldEachLineAtOnce) {
  auto file = LineFile::create(path("log"), Privacy::normal);
  ASSERT_TRUE(file);
  file->line("one");
  EXPECT_EQ(as_text(read_file(path("log"), 100).value()), "one\n");
}

}  // namespace
}  // namespace base
