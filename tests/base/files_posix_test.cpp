// SPDX-License-Identifier: GPL-3.0-or-later
//
// Modes, owners, links, devices and names that are no text: what POSIX has of files.
#include "base/files.h"
#include "support/own_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace base {
namespace {

class PosixFiles : public testing::Test {
 protected:
  void SetUp() override { folder_ = test_support::own_folder("files_test_"); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return join(folder_, name); }
  std::string folder_;
};

TEST_F(PosixFiles, AreListedByNameWithFoldersAndLinks) {
  ASSERT_TRUE(write_file(path("b"), Bytes{1}, Privacy::normal));
  ASSERT_TRUE(make_directories(path("c")));
  ASSERT_EQ(::symlink("nowhere", path("a").c_str()), 0);
  EXPECT_THAT(list_names(folder_).value(), testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(list_names(path("none")).error().code, Errc::bad_file);
}

TEST_F(PosixFiles, OfTheKernelAreReadWithoutTheirSize) {
  EXPECT_NE(read_kernel_text("/proc/self/comm"), "") << "its size is 0 before it is read";
  ASSERT_TRUE(write_file(path("a"), Bytes{'2', 'b', '0', '4', '\n'}, Privacy::normal));
  EXPECT_EQ(read_kernel_text(path("a")), "2b04");
  EXPECT_EQ(read_kernel_text(path("none")), "");
}

TEST_F(PosixFiles, ForTheOwnerOnlyHaveMode0600EvenOverAnOlderFile) {
  ASSERT_TRUE(write_file(path("keys"), Bytes{1}, Privacy::normal));
  ASSERT_TRUE(write_file(path("keys"), Bytes{2}, Privacy::owner_only));
  struct stat status {};
  ASSERT_EQ(::stat(path("keys").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(PosixFiles, OnAFullDiskGiveAnErrorAndKeepTheOldFile) {
  if (!exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const auto result = write_file("/dev/full", Bytes(4096, 1), Privacy::normal);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::bad_file);
}

TEST_F(PosixFiles, ThatGrowByLinesTellOfALostLine) {
  if (!exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  auto file = LineFile::append("/dev/full", Privacy::normal);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->problem(), "");
  file->line("one");
  EXPECT_NE(file->problem(), "");
}

// Mode and owner of what lies under a name.
struct Standing {
  mode_t mode;
  uid_t owner;
  gid_t group;
  bool operator==(const Standing&) const = default;
};
Standing standing(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return {status.st_mode, status.st_uid, status.st_gid};
}

TEST_F(PosixFiles, ThatWereThereKeepTheirModeWhateverIsWrittenToThem) {
  ASSERT_TRUE(write_file(path("a"), as_bytes("old"), Privacy::normal));
  ASSERT_EQ(::chmod(path("a").c_str(), 0640), 0);
  const Standing before = standing(path("a"));
  ASSERT_TRUE(LineFile::append(path("a"), Privacy::owner_only));
  ASSERT_TRUE(try_writing(path("a"), 10));
  EXPECT_FALSE(LineFile::create_new(path("a"), Privacy::owner_only));
  EXPECT_FALSE(claim_file(path("a")));
  ASSERT_TRUE(write_file(path("a"), as_bytes("new"), Privacy::normal));
  EXPECT_EQ(standing(path("a")), before);
  EXPECT_EQ(as_text(read_file(path("a"), 100).value()), "new");
}

TEST_F(PosixFiles, ThatAreReplacedHandTheirOwnerOn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may write files of others";
  ASSERT_TRUE(write_file(path("a"), as_bytes("old"), Privacy::normal));
  ASSERT_EQ(::chown(path("a").c_str(), 1234, 4321), 0);
  ASSERT_TRUE(write_file(path("a"), as_bytes("new"), Privacy::owner_only));
  EXPECT_EQ(standing(path("a")), (Standing{S_IFREG | 0600U, 1234, 4321}));
}

TEST_F(PosixFiles, OfAnotherOwnerAreNotReplacedByAnOrdinaryUser) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may";
  const std::string others = "/etc/passwd";
  const Standing before = standing(others);
  EXPECT_FALSE(write_file(others, as_bytes("x"), Privacy::owner_only));
  EXPECT_FALSE(try_writing(others, 1));
  EXPECT_FALSE(LineFile::append(others, Privacy::owner_only));
  EXPECT_EQ(standing(others), before);
}

TEST_F(PosixFiles, ThatAreDevicesAreWrittenToAndLeftAlone) {
  const Standing before = standing("/dev/null");
  EXPECT_TRUE(write_file("/dev/null", as_bytes("x"), Privacy::owner_only));
  auto lines = LineFile::append("/dev/null", Privacy::owner_only);
  ASSERT_TRUE(lines);
  lines->line("x");
  EXPECT_EQ(lines->problem(), "");
  EXPECT_TRUE(try_writing("/dev/null", 1));
  EXPECT_EQ(standing("/dev/null"), before);
}

// A device node of its own, which root alone can make, so that a fault does no harm.
TEST_F(PosixFiles, ThatAreDevicesAreLeftAloneByRootToo) {
  if (::mknod(path("null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) {
    GTEST_SKIP() << "only root may make devices";
  }
  ASSERT_EQ(::chmod(path("null").c_str(), 0666), 0);
  const Standing before = standing(path("null"));
  EXPECT_TRUE(write_file(path("null"), as_bytes("x"), Privacy::owner_only));
  EXPECT_TRUE(LineFile::append(path("null"), Privacy::owner_only));
  EXPECT_EQ(standing(path("null")), before);
  ASSERT_EQ(::mknod(path("disk").c_str(), S_IFBLK | 0600, makedev(240, 77)), 0);
  EXPECT_EQ(write_file(path("disk"), as_bytes("x"), Privacy::owner_only).error().message,
            "cannot write " + path("disk") + ": it is a disk");
  EXPECT_FALSE(try_writing(path("disk"), 1));
  EXPECT_FALSE(LineFile::append(path("disk"), Privacy::owner_only));
}

TEST_F(PosixFiles, BehindALinkAreReplacedAndTheLinkStays) {
  ASSERT_TRUE(make_directories(path("there")));
  ASSERT_TRUE(write_file(path("there/a"), as_bytes("old"), Privacy::normal));
  ASSERT_EQ(::symlink("there/a", path("link").c_str()), 0);
  ASSERT_TRUE(write_file(path("link"), as_bytes("new"), Privacy::normal));
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(as_text(read_file(path("there/a"), 100).value()), "new");
  ASSERT_EQ(::symlink("nowhere", path("broken").c_str()), 0);
  EXPECT_FALSE(write_file(path("broken"), as_bytes("new"), Privacy::normal));
  EXPECT_FALSE(try_writing(path("broken"), 1));
  EXPECT_TRUE(std::filesystem::is_symlink(path("broken")));
}

TEST_F(PosixFiles, LieInPrivateFoldersWhereThoseAreMadeForThem) {
  ASSERT_TRUE(make_directories(path("old")));
  ASSERT_EQ(::chmod(path("old").c_str(), 0755), 0);
  ASSERT_TRUE(make_directories(path("old/new/newer"), Privacy::owner_only));
  EXPECT_EQ(standing(path("old")).mode & 0777U, 0755U);
  EXPECT_EQ(standing(path("old/new")).mode & 0777U, 0700U);
  EXPECT_EQ(standing(path("old/new/newer")).mode & 0777U, 0700U);
  EXPECT_TRUE(make_directories(path("old/new/newer/"), Privacy::normal));
  EXPECT_EQ(standing(path("old/new/newer")).mode & 0777U, 0700U);
  ASSERT_TRUE(write_file(path("file"), {}, Privacy::normal));
  EXPECT_FALSE(make_directories(path("file/below"), Privacy::owner_only));
}

TEST_F(PosixFiles, MayHaveNamesThatAreNoText) {
  const std::string name = path("J\xFCrgen \xE2\x82\xAC");
  ASSERT_TRUE(write_file(name, as_bytes("x"), Privacy::normal));
  EXPECT_THAT(list_files(folder_).value(), testing::ElementsAre(name));
  EXPECT_TRUE(read_file(name, 1));
  EXPECT_EQ(canonical_path(name), name);
}

}  // namespace
}  // namespace base
