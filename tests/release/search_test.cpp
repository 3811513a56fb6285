// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/search.h"

#include "base/files.h"
#include "release/packed.h"
#include "release/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace release {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Modules = std::vector<firmware::CheckedModule>;

Version version(std::string_view text) {
  Version parsed;
  EXPECT_TRUE(Version::parse(text, parsed)) << text;
  return parsed;
}

class Search : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    top_ = ::testing::TempDir() + "search_" + test->name();
    folder_ = top_ + "/bench";
    cache_ = top_ + "/cache";
    ASSERT_TRUE(base::make_directories(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(top_); }

  void write(const std::string& path, base::ByteView content) {
    ASSERT_TRUE(base::make_directories(base::folder_of(path)));
    ASSERT_TRUE(base::write_file(path, content, base::Privacy::normal));
  }
  void put(const std::string& folder, const Modules& modules) {
    for (const auto& module : modules) write(folder + "/" + module.source(), module.image());
  }
  base::Result<Library> look(std::vector<std::string> given, bool allow_unknown = false) {
    return search({std::move(given), top_ + "/firmware", cache_, allow_unknown},
                  platform::electron(), catalogue_);
  }
  base::Error not_at_hand(const Library& library, const char* release) {
    const auto found = at_hand(library, version(release), catalogue_);
    EXPECT_FALSE(found);
    return found ? base::Error() : found.error();
  }

  Catalogue catalogue_ = catalogue_of({{"0.7.0", three_parts(207, 1), ""},
                                       {"2.3.0", {}, "", 2301},
                                       {"2.3.1", three_parts(2302, 1), ""}});
  std::string top_;
  std::string folder_;
  std::string cache_;
};

TEST_F(Search, GoesThroughTheCacheLastAlsoWhereAFolderIsNamed) {
  put(folder_, three_parts(207, 1));
  put(cache_, three_parts(2302, 1));
  const auto library = look({folder_});
  ASSERT_TRUE(library);
  EXPECT_TRUE(at_hand(*library, version("0.7.0"), catalogue_));
  EXPECT_TRUE(at_hand(*library, version("2.3.1"), catalogue_));
  ASSERT_THAT(library->places, SizeIs(2));
  EXPECT_EQ(library->places[0].path, folder_);
  EXPECT_EQ(library->places[1].path, cache_);
}

TEST_F(Search, LooksInTheUsualFolderWhereNoneIsNamed) {
  put(top_ + "/firmware", three_parts(207, 1));
  const auto library = look({});
  ASSERT_TRUE(library);
  EXPECT_TRUE(at_hand(*library, version("0.7.0"), catalogue_));
}

TEST_F(Search, CompletesARelaseOutOfSeveralPlaces) {
  const Modules parts = three_parts(207, 1);
  put(folder_, {parts[0]});
  put(top_ + "/other", {parts[1]});
  put(cache_, {parts[2], parts[0]});
  const auto library = look({folder_, top_ + "/other"});
  ASSERT_TRUE(library);
  const auto found = at_hand(*library, version("0.7.0"), catalogue_);
  ASSERT_TRUE(found);
  EXPECT_THAT((*found)->warnings(), IsEmpty());
}

TEST_F(Search, PrefersTheBuildThatWasNamedToTheOneInTheCache) {
  put(folder_, three_parts(207, 9));
  put(cache_, three_parts(207, 1));
  const auto allowed = look({folder_}, true);
  ASSERT_TRUE(allowed);
  const auto found = at_hand(*allowed, version("0.7.0"), catalogue_);
  ASSERT_TRUE(found);
  EXPECT_FALSE((*found)->released_files());
  const auto strict = look({folder_});
  EXPECT_TRUE((*at_hand(*strict, version("0.7.0"), catalogue_))->released_files());
}

TEST_F(Search, TakesAFileAnArchiveAndAHexFileByName) {
  const Modules parts = three_parts(207, 1);
  write(folder_ + "/one.bin", parts[0].image());
  write(folder_ + "/two.zip", pack({{"x/two.bin", bytes_of(parts[1].image())}}));
  write(folder_ + "/three.hex",
        base::as_bytes(hex_of(parts[2].address(), parts[2].image()) + std::string(kHexEnd)));
  const auto library = look({folder_ + "/one.bin", folder_ + "/two.zip", folder_ + "/three.hex"});
  ASSERT_TRUE(library);
  EXPECT_TRUE(at_hand(*library, version("0.7.0"), catalogue_));
}

TEST_F(Search, RefusesAPlaceThatIsNotThereAndAFileThatIsOfNoUse) {
  EXPECT_EQ(look({top_ + "/nowhere"}).error().id, "no-such-place");
  write(folder_ + "/page.bin", base::as_bytes("<html>Sign in to go on with the download</html>"));
  const auto page = look({folder_ + "/page.bin"});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, base::Errc::bad_module);
  EXPECT_THAT(page.error().message, AllOf(HasSubstr("page.bin"), HasSubstr("a web page")));
  write(folder_ + "/text.zip", pack({{"notes.txt", bytes_of(base::as_bytes("some notes"))}}));
  EXPECT_EQ(look({folder_ + "/text.zip"}).error().id, "no-modules");
}

TEST_F(Search, SaysWhereItLookedAndWhatItSaw) {
  write(folder_ + "/page.bin", base::as_bytes("<html>Sign in to go on with the download</html>"));
  write(folder_ + "/deep/a.bin", three_parts(207, 1)[0].image());
  const auto library = look({folder_});
  ASSERT_TRUE(library);
  const base::Error error = not_at_hand(*library, "2.3.1");
  EXPECT_EQ(error.code, base::Errc::bad_file);
  EXPECT_EQ(error.id, "target-missing");
  EXPECT_THAT(error.message, AllOf(HasSubstr("no file of 2.3.1 was found"), HasSubstr(folder_),
                                   HasSubstr("2 files: 1 Electron module; also a web page"),
                                   HasSubstr(cache_ + " (which is not there)")));
  EXPECT_THAT(error.hint, HasSubstr("2.3.1` fetches the files"));
}

TEST_F(Search, NamesTheMissingFileAsItIsPublished) {
  const Modules parts = three_parts(2302, 1);
  put(folder_, {parts[0], parts[1]});
  const auto library = look({folder_});
  ASSERT_TRUE(library);
  const auto missing = missing_parts(*library, *catalogue_.find(version("2.3.1")));
  ASSERT_THAT(missing, SizeIs(1));
  EXPECT_EQ(missing[0].part, 3);
  EXPECT_EQ(missing[0].id, platform::kSystemPart2);
  EXPECT_EQ(missing[0].file, "part3@2.3.1.bin");
  EXPECT_THAT(not_at_hand(*library, "2.3.1").message,
              HasSubstr("part3@2.3.1.bin (system part 2) is missing"));
}

TEST_F(Search, SaysWhatLiesThereUnderTheNameOfAMissingFile) {
  const Modules parts = three_parts(2302, 1);
  struct Case {
    const char* name;
    base::Bytes content;
    const char* says;
  };
  base::Bytes cut = bytes_of(parts[2].image());
  cut.resize(700);
  base::Bytes photon = bytes_of(parts[2].image());
  photon[0x184 + 12] = 6;
  firmware::seal(photon);
  const Case cases[] = {
      {"part3@2.3.1.bin", bytes_of(base::as_bytes("<html>Sign in to GitHub, please</html>")),
       "a web page"},
      {"part3@2.3.1 (1).bin",
       bytes_of(base::as_bytes("version https://git-lfs.github.com/spec/v1\noid sha256:12\n")),
       "a Git LFS pointer"},
      {"part3@2.3.1.bin.part", cut, "the file ends after 700 of 1024 bytes"},
      {"PART3@2.3.1.BIN", photon, "for the Photon"},
      {"part3@2.3.1.bin.txt", bytes_of(base::as_bytes("just a text about firmware")), "a text"},
  };
  for (const Case& one : cases) {
    std::filesystem::remove_all(folder_);
    put(folder_, {parts[0], parts[1]});
    write(folder_ + "/" + one.name, one.content);
    const auto library = look({folder_});
    ASSERT_TRUE(library) << one.name;
    EXPECT_THAT(not_at_hand(*library, "2.3.1").message,
                AllOf(HasSubstr(one.name), HasSubstr(one.says)));
  }
  write(folder_ + "/part3@2.3.1.4.bin", base::as_bytes("another release's, by its name"));
  EXPECT_THAT(not_at_hand(*look({folder_}), "2.3.1").message, Not(HasSubstr("2.3.1.4")));
}

TEST_F(Search, SaysWhichFilesTakeAWordToBeUsed) {
  put(folder_, three_parts(2301, 1));
  const base::Error error = not_at_hand(*look({folder_}), "2.3.0");
  EXPECT_THAT(error.message, HasSubstr("cannot be used"));
  EXPECT_THAT(error.hint, HasSubstr("--allow-unknown"));
  EXPECT_TRUE(at_hand(*look({folder_}, true), version("2.3.0"), catalogue_));
}

TEST_F(Search, SendsNobodyToFetchWhatCannotBeFetched) {
  EXPECT_THAT(not_at_hand(*look({folder_}), "2.3.0").hint, Not(HasSubstr("fetches")));
}

TEST(Vouched, AreTheBytesThatTheCatalogueHas) {
  const auto part = synthetic({.id = platform::kSystemPart3, .version = 207, .seed = 1});
  const Catalogue catalogue = catalogue_of({{"0.7.0", {part}, ""}});
  EXPECT_TRUE(vouched(part, catalogue));
  const auto changed = synthetic({.id = platform::kSystemPart3, .version = 207, .seed = 2});
  EXPECT_EQ(vouched(changed, catalogue).error().id, "catalogue-mismatch");
  const auto bootloader = synthetic({.id = platform::kBootloader, .version = 4242});
  const auto unknown = vouched(bootloader, catalogue);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().id, "not-in-catalogue");
  EXPECT_THAT(unknown.error().hint, HasSubstr("--allow-unknown"));
}

TEST(PublishedName, IsTheVendors) {
  const Catalogue& catalogue = Catalogue::embedded();
  const CatalogueRelease& release = *catalogue.find(version("2.3.1"));
  EXPECT_EQ(published_name(release, platform::kSystemPart2), "electron-system-part3@2.3.1.bin");
  EXPECT_EQ(published_part(release, platform::kSystemPart2), 3);
  EXPECT_EQ(published_name(release, platform::kUserPart), "");
  EXPECT_EQ(published_name(release, platform::kBootloader), "electron-bootloader@2.3.1+lto.bin");
  const CatalogueRelease& old = *catalogue.find(version("0.5.4"));
  EXPECT_EQ(published_name(old, platform::kSystemPart1), "system-part1-0.5.4-electron.bin");
  EXPECT_EQ(published_part(old, platform::kSystemPart3), 0);
}

}  // namespace
}  // namespace release
