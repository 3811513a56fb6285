// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"

#include "support/own_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace base {
namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override { folder_ = test_support::own_folder("files_test_"); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return join(folder_, name); }
  std::string folder_;
};

TEST_F(Files, AreReadBackAsTheyWereWritten) {
  const Bytes content{1, 2, 3, 0, 255};
  ASSERT_TRUE(write_file(path("a"), content, Privacy::normal));
  EXPECT_EQ(read_file(path("a"), 100).value(), content);
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

TEST_F(Files, ThatCannotBeWrittenLeaveNothingBehind) {
  const auto result = write_file(path("no/such/folder/a"), Bytes{1}, Privacy::normal);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::bad_file);
  EXPECT_TRUE(list_files(folder_).value().empty());
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

TEST_F(Files, AreListedSortedAndWithoutFolders) {
  ASSERT_TRUE(write_file(path("b"), {}, Privacy::normal));
  ASSERT_TRUE(write_file(path("a"), {}, Privacy::normal));
  ASSERT_TRUE(make_directories(path("c")));
  EXPECT_THAT(list_files(folder_).value(), testing::ElementsAre(path("a"), path("b")));
  EXPECT_FALSE(list_files(path("none")));
}

TEST_F(Files, ThatGrowByLinesHoldEachLineAtOnce) {
  auto file = LineFile::append(path("log"), Privacy::normal);
  ASSERT_TRUE(file);
  file->line("one");
  EXPECT_EQ(as_text(read_file(path("log"), 100).value()), "one\n");
}

TEST_F(Files, ThatGrowByLinesKeepWhatTheyHeld) {
  ASSERT_TRUE(write_file(path("log"), as_bytes("first\n"), Privacy::normal));
  auto file = LineFile::append(path("log"), Privacy::owner_only);
  ASSERT_TRUE(file);
  file->line("second");
  EXPECT_EQ(as_text(read_file(path("log"), 100).value()), "first\nsecond\n");
  EXPECT_FALSE(LineFile::append(folder_, Privacy::normal));
}

TEST(Folders, FirmwareIsNotKeptAmongBackupsAndLogs) {
  if (state_directory().empty()) GTEST_SKIP() << "this user has no home";
  EXPECT_NE(cache_directory(), state_directory());
}

}  // namespace
}  // namespace base
