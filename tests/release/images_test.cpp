// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/images.h"

#include "base/files.h"
#include "release/archive.h"
#include "release/collect.h"
#include "release/packed.h"
#include "release/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

namespace release {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Modules = std::vector<firmware::CheckedModule>;

class ImagesIn : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "images_" + test->name();
    ASSERT_TRUE(base::make_directories(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, base::ByteView content) {
    const std::string path = folder_ + "/" + name;
    EXPECT_TRUE(base::write_file(path, content, base::Privacy::normal));
    return path;
  }
  Collected collected(const std::string& path) {
    auto found = collect({path}, platform::electron());
    EXPECT_TRUE(found);
    return found.value_or(Collected());
  }
  std::string folder_;
};

Packed restore_archive(const Modules& parts) {
  return {{"restore/README.txt", bytes_of(base::as_bytes("flash these, then smile at it"))},
          {"restore/system-part1.bin", bytes_of(parts[0].image())},
          {"restore/system-part2.bin", bytes_of(parts[1].image())},
          {"restore/system-part3.bin", bytes_of(parts[2].image())},
          {"restore/tinker.bin",
           bytes_of(synthetic({.id = platform::kUserPart, .version = 5}).image())}};
}

TEST_F(ImagesIn, FindsTheModulesInARestoreArchive) {
  const Modules parts = three_parts(207, 1);
  for (const Packing packing : {Packing::zip, Packing::tgz}) {
    const std::string path = write("restore.bin", pack(restore_archive(parts), packing));
    const Collected found = collected(path);
    ASSERT_THAT(found.modules, SizeIs(4));
    EXPECT_EQ(found.modules[1].source(), path + "/restore/system-part2.bin");
    EXPECT_EQ(found.modules[1].file_sha256(), parts[1].file_sha256());
    ASSERT_THAT(found.passed_over, SizeIs(1));
    EXPECT_THAT(found.passed_over[0].file, HasSubstr("README.txt"));
    EXPECT_EQ(found.places[0].files, 5U);
  }
}

TEST_F(ImagesIn, OpensNoArchiveInsideAnArchive) {
  const base::Bytes inner = pack(restore_archive(three_parts(207, 1)));
  const Collected found = collected(write("outer.zip", pack({{"inner.zip", inner}})));
  EXPECT_THAT(found.modules, IsEmpty());
  ASSERT_THAT(found.passed_over, SizeIs(1));
  EXPECT_EQ(found.passed_over[0].problem.code, "nested-archive");
}

TEST_F(ImagesIn, SaysThatAnArchiveIsUnderAPassword) {
  const Collected found = collected(
      write("locked.zip", pack(restore_archive(three_parts(207, 1)), Packing::locked_zip)));
  EXPECT_THAT(found.modules, IsEmpty());
  ASSERT_THAT(found.passed_over, SizeIs(5));
  EXPECT_EQ(found.passed_over[0].problem.code, "password");
}

TEST_F(ImagesIn, SurvivesAnArchiveCutAnywhere) {
  for (const Packing packing : {Packing::zip, Packing::tgz}) {
    const base::Bytes whole = pack(restore_archive(three_parts(207, 1)), packing);
    for (std::size_t size = 4; size < whole.size(); size += 97) {
      const auto images =
          images_in(write("cut.zip", base::ByteView(whole).first(size)), platform::electron());
      if (images) {
        EXPECT_THAT(images->images, SizeIs(testing::Lt(6U)));
      } else {
        EXPECT_EQ(images.error().id, "bad-archive");
      }
    }
  }
}

TEST_F(ImagesIn, SurvivesADamagedArchive) {
  std::mt19937 random(7);
  const base::Bytes whole = pack(restore_archive(three_parts(207, 1)));
  for (int i = 0; i < 200; ++i) {
    base::Bytes damaged = whole;
    for (int n = 0; n < 4; ++n) {
      damaged[4 + random() % (damaged.size() - 4)] = static_cast<std::uint8_t>(random());
    }
    collected(write("damaged.zip", damaged));
  }
}

TEST_F(ImagesIn, FindsTheModulesInAnIntelHexFileAtTheirPlaces) {
  const Modules parts = three_parts(207, 1);
  const auto bootloader = synthetic({.id = platform::kBootloader, .version = 101});
  std::string text;
  for (const auto& part : parts) text += hex_of(part.address(), part.image());
  text += hex_of(bootloader.address(), bootloader.image());
  const std::string path = write("all.hex", base::as_bytes(text + std::string(kHexEnd)));
  const Collected found = collected(path);
  ASSERT_THAT(found.modules, SizeIs(4));
  EXPECT_EQ(found.modules[0].id(), platform::kBootloader);
  EXPECT_EQ(found.modules[1].id(), platform::kSystemPart1);
  EXPECT_EQ(found.modules[1].source(), path + "/0x08020000");
  EXPECT_THAT(found.passed_over, IsEmpty());
}

TEST_F(ImagesIn, TakesBytesThatAnIntelHexFileLeavesOutForErasedFlash) {
  firmware::BuildRequest request{.id = platform::kSystemPart3, .version = 207, .size = 4096};
  base::Bytes image = firmware::build(request, platform::electron());
  std::fill(image.begin() + 1024, image.begin() + 2048, 0xFF);
  firmware::seal(image);
  const base::ByteView bytes = image;
  const std::uint32_t start = platform::electron().slot(request.id)->flash.begin;
  const std::string text = hex_of(start + 2048, bytes.subspan(2048)) +
                           hex_of(start, bytes.first(1024)) + std::string(kHexEnd);
  const Collected found = collected(write("gap.hex", base::as_bytes(text)));
  ASSERT_THAT(found.modules, SizeIs(1));
  EXPECT_EQ(bytes_of(found.modules[0].image()), image);
}

TEST_F(ImagesIn, GoesByTheHeaderWhereAnIntelHexFileHasNoAddressOfFlash) {
  const auto part = synthetic({.id = platform::kSystemPart2, .version = 207});
  const std::string text = hex_of(0, part.image()) + std::string(kHexEnd);
  EXPECT_THAT(collected(write("zero.hex", base::as_bytes(text))).modules, SizeIs(1));
}

TEST_F(ImagesIn, LeavesTheConfigurationInAnIntelHexFileAlone) {
  const base::Bytes keys(64, 0x5A);
  const std::string text =
      hex_of(platform::electron().configuration.begin, keys) + std::string(kHexEnd);
  const Collected found = collected(write("dct.hex", base::as_bytes(text)));
  EXPECT_THAT(found.modules, IsEmpty());
  ASSERT_THAT(found.passed_over, SizeIs(1));
  EXPECT_EQ(found.passed_over[0].problem.code, "no-module-place");
}

TEST_F(ImagesIn, RefusesADamagedIntelHexFile) {
  const auto part = synthetic({.id = platform::kSystemPart2, .version = 207});
  const auto images = images_in(
      write("cut.hex", base::as_bytes(hex_of(part.address(), part.image()))), platform::electron());
  ASSERT_FALSE(images);
  EXPECT_EQ(images.error().id, "bad-hex");
  EXPECT_THAT(images.error().message, HasSubstr("cut.hex"));
}

std::vector<std::string> names_of(const ArchiveContent& content) {
  std::vector<std::string> names;
  for (const ArchiveEntry& entry : content.entries) names.push_back(entry.name);
  return names;
}

TEST(ReadArchive, ReadsWhatIsWanted) {
  const base::Bytes archive = pack({{"a", {1}}, {"b", {2, 3}}, {"c", {}}});
  const auto content = read_archive(archive, [](const std::string& name) { return name != "a"; });
  ASSERT_TRUE(content);
  EXPECT_EQ(content->files, 3U);
  EXPECT_THAT(names_of(*content), ElementsAre("b", "c"));
  EXPECT_EQ(content->entries[0].bytes, (base::Bytes{2, 3}));
}

TEST(ReadArchive, StopsAtABomb) {
  const auto all = [](const std::string&) { return true; };
  const base::Bytes zeros(3 * 1024 * 1024);
  for (const Packing packing : {Packing::zip, Packing::tgz}) {
    const base::Bytes bomb = pack({{"a", zeros}, {"b", zeros}, {"c", zeros}}, packing);
    EXPECT_LT(bomb.size(), 100'000U);
    ArchiveLimits limits;
    limits.entry = 1024 * 1024;
    const auto each = read_archive(bomb, all, limits);
    ASSERT_TRUE(each);
    EXPECT_THAT(each->entries, IsEmpty());
    EXPECT_THAT(each->left_out, SizeIs(3));
    limits = {};
    limits.read = 5 * 1024 * 1024;
    EXPECT_EQ(read_archive(bomb, all, limits).error().id, "archive-too-large");
    limits = {};
    limits.passed = 5 * 1024 * 1024;
    EXPECT_EQ(read_archive(bomb, all, limits).error().id, "archive-too-large");
    limits = {};
    limits.entries = 2;
    EXPECT_EQ(read_archive(bomb, all, limits).error().id, "archive-too-large");
  }
}

}  // namespace
}  // namespace release
