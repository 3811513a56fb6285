// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/catalogue.h"

#include "firmware/build.h"
#include "release/synthetic.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace release {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Catalogue& kCatalogue = Catalogue::embedded();

Version version(std::string_view text) {
  Version parsed;
  EXPECT_TRUE(Version::parse(text, parsed)) << text;
  return parsed;
}

const CatalogueRelease& known(std::string_view text) {
  const CatalogueRelease* found = kCatalogue.find(version(text));
  EXPECT_NE(found, nullptr) << text;
  return *found;
}

std::vector<std::string> names(const std::vector<const CatalogueRelease*>& releases) {
  std::vector<std::string> texts;
  for (const CatalogueRelease* release : releases) texts.push_back(release->version.text());
  return texts;
}

// What a released file's header and CRC would be, from the catalogue.
firmware::ModuleHeader header_of(const CatalogueFile& file) {
  firmware::ModuleHeader header;
  header.start = file.start;
  header.end = file.start + file.length - 4;
  header.version = file.version;
  header.platform = platform::electron().id;
  header.id = file.id;
  return header;
}

TEST(Catalogue, HoldsEveryReleaseOldestFirst) {
  EXPECT_THAT(kCatalogue.releases(), SizeIs(140));
  EXPECT_EQ(kCatalogue.releases().front().version.text(), "0.0.1-rc.3");
  EXPECT_EQ(kCatalogue.releases().back().version.text(), "3.3.1");
}

TEST(Catalogue, HasThePartsOfARelease) {
  const CatalogueRelease& release = known("2.3.1");
  EXPECT_EQ(release.tag, "v2.3.1");
  EXPECT_EQ(release.module_version, 2302);
  EXPECT_EQ(release.bootloader_version, 1006);
  EXPECT_EQ(release.embedded_bootloader_version, 1004);
  EXPECT_EQ(release.bootloader_dependency, 1003);
  EXPECT_THAT(release.part_indexes, ElementsAre(3, 1, 2));
  const CatalogueFile* part = release.part(platform::kSystemPart2);
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->file, "electron-system-part3@2.3.1.bin");
  EXPECT_EQ(part->part, 3);
  EXPECT_EQ(part->version, 2302);
  EXPECT_EQ(part->start, 0x08040000U);
  EXPECT_EQ(part->length, 123052U);
  EXPECT_EQ(part->crc32, 0x2EDB6357U);
  EXPECT_EQ(base::to_hex(*part->sha256),
            "570b04d052157997b55eddceee36e584300ad26629cfb6a77b823b8ad97e0b22");
  EXPECT_THAT(part->dependencies, ElementsAre(firmware::Dependency{platform::kSystemPart1, 2302},
                                              firmware::Dependency{platform::kBootloader, 1003}));
}

TEST(Catalogue, HasBothBootloadersOfARelease) {
  const CatalogueRelease& release = known("2.3.1");
  ASSERT_TRUE(release.bootloader);
  EXPECT_EQ(release.bootloader->version, 1006);
  EXPECT_EQ(release.bootloader->crc32, 0x25DAE5B8U);
  ASSERT_TRUE(release.embedded_bootloader);
  EXPECT_EQ(release.embedded_bootloader->version, 1004);
  EXPECT_EQ(release.embedded_bootloader->crc32, 0x40738439U);
}

TEST(Catalogue, AgreesWithThePlatformOnEveryFile) {
  for (const CatalogueRelease& release : kCatalogue.releases()) {
    for (const CatalogueFile& file : release.parts) {
      const platform::Slot* slot = platform::electron().slot(file.id);
      ASSERT_NE(slot, nullptr) << file.file;
      EXPECT_EQ(slot->flash.begin, file.start) << file.file;
      EXPECT_LE(file.length, slot->flash.size()) << file.file;
      EXPECT_EQ(file.length % 4, 0U) << file.file;
      ASSERT_LE(static_cast<std::size_t>(file.part), release.part_indexes.size()) << file.file;
      EXPECT_EQ(release.part_indexes[static_cast<std::size_t>(file.part) - 1], file.id.index);
    }
    EXPECT_TRUE(release.parts.empty() || release.parts.size() == release.part_indexes.size());
  }
}

// Every release from 2.0.0 on is known by its bytes, the newest of them by their content.
TEST(Catalogue, KnowsTheBytesOfEveryFinalReleaseSince200) {
  for (const CatalogueRelease& release : kCatalogue.releases()) {
    if (release.version.prerelease() || release.version < version("2.0.0")) continue;
    EXPECT_THAT(release.parts, SizeIs(3)) << release.version.text();
    for (const CatalogueFile& file : release.parts) {
      EXPECT_TRUE(file.sha256 || file.content_sha256) << file.file;
    }
  }
}

TEST(Catalogue, HasThePartsOfTheElectronsLastReleaseByTheirContent) {
  const CatalogueRelease& release = known("3.3.1");
  EXPECT_EQ(release.module_version, 3302);
  const CatalogueFile* part = release.part(platform::kSystemPart1);
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->file, "electron-system-part2@3.3.1.bin");
  EXPECT_EQ(part->length, 120668U);
  EXPECT_FALSE(part->sha256);
  ASSERT_TRUE(part->content_sha256);
  EXPECT_EQ(base::to_hex(*part->content_sha256),
            "93159e42ddba07b394138ec0b4ab245ffb97ebbc81a9c313b7c1ee0f954ebc50");
  ASSERT_TRUE(release.bootloader);
  EXPECT_TRUE(release.bootloader->content_sha256);
}

TEST(Catalogue, HasThePartsOf055ByLengthAndChecksum) {
  const CatalogueFile* part = known("0.5.5").part(platform::kSystemPart2);
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->length, 125924U);
  EXPECT_EQ(part->crc32, 0xAFADA151U);
  EXPECT_FALSE(part->sha256 || part->content_sha256);
}

TEST(Catalogue, RefusesWhatIsNoCatalogue) {
  for (const char* text : {"", "{}", "nonsense", "[1]", "[{}]", R"([{"version":"x"}])",
                           R"([{"version":"1.0.0","bootloader_version":1,"parts":3}])",
                           R"([{"version":"1.0.0","bootloader_version":1,"parts":[{}]}])",
                           R"([{"version":"1.0.0","bootloader_version":-1,"parts":[]}])"}) {
    const auto catalogue = Catalogue::parse(text);
    ASSERT_FALSE(catalogue) << text;
    EXPECT_EQ(catalogue.error().id, "bad-catalogue");
    EXPECT_EQ(catalogue.error().code, base::Errc::bad_file);
  }
}

TEST(Catalogue, FindsAReleaseByName) {
  EXPECT_EQ(known("0.4.8-rc.6").module_version, 10);
  EXPECT_EQ(kCatalogue.find(version("0.4.8")), nullptr);
}

TEST(Catalogue, ListsTheReleasesOfAModuleVersionNewestFirst) {
  EXPECT_THAT(names(kCatalogue.with_module_version(13)),
              ElementsAre("0.5.1-rc.1", "0.5.0", "0.5.0-rc.2"));
  EXPECT_THAT(kCatalogue.with_module_version(1), SizeIs(13));
  EXPECT_THAT(kCatalogue.with_module_version(9999), IsEmpty());
}

TEST(Recognise, FindsEveryReleasedFileInFlashByItsCrc) {
  for (const CatalogueRelease& release : kCatalogue.releases()) {
    for (const CatalogueFile& file : release.parts) {
      const Match match = kCatalogue.recognise(header_of(file), file.crc32);
      EXPECT_EQ(match.how, Recognition::by_crc) << file.file;
      EXPECT_THAT(match.releases, ::testing::Contains(&release)) << file.file;
      ASSERT_NE(match.file, nullptr);
      EXPECT_EQ(match.file->sha256, file.sha256);
    }
  }
}

TEST(Recognise, NamesAllReleasesThatShareAFile) {
  const CatalogueFile& shared = *known("0.0.3-rc.1").part(platform::kSystemPart1);
  EXPECT_THAT(names(kCatalogue.recognise(header_of(shared), shared.crc32).releases),
              ElementsAre("0.0.3-rc.2", "0.0.3-rc.1"));
}

TEST(Recognise, FindsTheBootloaderThatReleasesCarryInside) {
  const CatalogueFile& file = *known("1.5.2").embedded_bootloader;
  const Match match = kCatalogue.recognise(header_of(file), file.crc32);
  EXPECT_EQ(match.how, Recognition::by_crc);
  ASSERT_NE(match.best(), nullptr);
  EXPECT_EQ(match.best()->embedded_bootloader_version, 400);
}

TEST(Recognise, GoesByVersionWhereNoReleasedFileIsKnown) {
  firmware::ModuleHeader header = header_of(*known("0.5.3").part(platform::kSystemPart1));
  header.version = 22;
  const Match match = kCatalogue.recognise(header, 1);
  EXPECT_EQ(match.how, Recognition::by_version);
  EXPECT_THAT(names(match.releases), ElementsAre("0.5.4"));
  EXPECT_EQ(match.file, nullptr);
}

TEST(Recognise, SaysAllThatAnOldVersionNumberMayBe) {
  firmware::ModuleHeader header = header_of(*known("0.5.0").part(platform::kSystemPart1));
  header.version = 11;
  const Match match = kCatalogue.recognise(header, 1);
  EXPECT_THAT(names(match.releases),
              ElementsAre("0.4.9", "0.4.9-rc.3", "0.4.9-rc.2", "0.4.9-rc.1"));
  EXPECT_EQ(match.best()->version.text(), "0.4.9");
}

TEST(Recognise, LeavesOutReleasesWhoseBytesAreKnownToBeOthers) {
  const Match match =
      kCatalogue.recognise(header_of(*known("0.5.0").part(platform::kSystemPart1)), 1);
  EXPECT_EQ(match.how, Recognition::by_version);
  EXPECT_THAT(names(match.releases), ElementsAre("0.5.1-rc.1", "0.5.0-rc.2"));
}

TEST(Recognise, CallsWrongBytesOfAKnownReleaseAMismatch) {
  const Match match =
      kCatalogue.recognise(header_of(*known("0.6.4").part(platform::kSystemPart3)), 1);
  EXPECT_EQ(match.how, Recognition::mismatch);
  EXPECT_THAT(names(match.releases), ElementsAre("0.6.4"));
}

TEST(Recognise, TakesTheLengthSeriously) {
  const CatalogueFile& file = *known("0.6.4").part(platform::kSystemPart3);
  firmware::ModuleHeader header = header_of(file);
  header.end += 4;
  EXPECT_EQ(kCatalogue.recognise(header, file.crc32).how, Recognition::mismatch);
}

TEST(Recognise, DoesNotHoldThePlainBuildAgainstTheDebugBuild) {
  firmware::ModuleHeader header = header_of(*known("1.2.1").part(platform::kSystemPart3));
  const Match match = kCatalogue.recognise(header, 1);
  EXPECT_EQ(match.how, Recognition::by_version);
  EXPECT_THAT(names(match.releases), ElementsAre("1.2.1"));
}

TEST(Recognise, DoesNotKnowAVersionThatWasNeverReleased) {
  firmware::ModuleHeader header = header_of(*known("0.6.4").part(platform::kSystemPart3));
  header.version = 4242;
  const Match match = kCatalogue.recognise(header, 1);
  EXPECT_EQ(match.how, Recognition::unknown);
  EXPECT_EQ(match.best(), nullptr);
}

TEST(Recognise, DoesNotKnowAnIndexThatTheReleaseDidNotHave) {
  firmware::ModuleHeader header = header_of(*known("0.6.4").part(platform::kSystemPart3));
  header.version = 21;
  EXPECT_EQ(kCatalogue.recognise(header, 1).how, Recognition::unknown);
}

TEST(Recognise, LeavesUserPartsAlone) {
  const auto module = synthetic({.id = platform::kUserPart, .version = 110});
  EXPECT_EQ(kCatalogue.recognise(module).how, Recognition::unknown);
}

TEST(Recognise, KnowsAFileByItsSha256) {
  const auto module = synthetic({.id = platform::kSystemPart3, .version = 207, .seed = 5});
  const auto catalogue = catalogue_of({{"7.0.0", {module}, ""}});
  const Match match = catalogue.recognise(module);
  EXPECT_EQ(match.how, Recognition::by_sha256);
  ASSERT_NE(match.file, nullptr);
  EXPECT_EQ(match.file->sha256, module.file_sha256());
  const auto other = synthetic({.id = platform::kSystemPart3, .version = 207, .seed = 6});
  EXPECT_EQ(catalogue.recognise(other).how, Recognition::mismatch);
}

TEST(Recognise, KnowsAFileByTheSha256OfItsContent) {
  const auto module = synthetic({.id = platform::kSystemPart3, .version = 207, .seed = 5});
  const auto entry = [&](const base::Sha256& content) {
    return fmt::format(
        R"([{{"version":"7.0.0","tag":"v7.0.0","module_version":207,"bootloader_version":7,)"
        R"("file_numbering":"part1=index3, part2=index1, part3=index2","parts":[{{)"
        R"("file":"part1.bin","part":1,"index":3,"start":"{}","length":{},"dependencies":[],)"
        R"("crc32":"{}","content_sha256":"{}"}}]}}])",
        base::hex32(module.address()), module.image().size(), base::hex32(module.crc32()),
        base::to_hex(content));
  };
  const auto catalogue = Catalogue::parse(entry(module.suffix().sha256));
  ASSERT_TRUE(catalogue);
  EXPECT_EQ(catalogue->recognise(module).how, Recognition::by_sha256);
  EXPECT_EQ(catalogue->recognise(module.header(), module.crc32()).how, Recognition::by_crc);
  const auto others = synthetic({.id = platform::kSystemPart3, .version = 207, .seed = 6});
  EXPECT_EQ(catalogue->recognise(others).how, Recognition::mismatch);
  // The same checksum and length do not make the same file.
  base::Sha256 wrong = module.suffix().sha256;
  wrong[0] ^= 1;
  const auto contradicting = Catalogue::parse(entry(wrong));
  ASSERT_TRUE(contradicting);
  EXPECT_EQ(contradicting->recognise(module).how, Recognition::mismatch);
}

TEST(Recognise, KnowsAFileByLengthAndChecksumWhereNothingElseIsKnown) {
  const auto module = synthetic({.id = platform::kSystemPart1, .version = 23, .seed = 5});
  const auto catalogue = Catalogue::parse(fmt::format(
      R"([{{"version":"0.5.5","tag":"v0.5.5","module_version":23,"bootloader_version":7,)"
      R"("file_numbering":"part1=index1, part2=index2","parts":[{{"file":"part1.bin","part":1,)"
      R"("index":1,"start":"{}","length":{},"dependencies":[],"crc32":"{}"}}]}}])",
      base::hex32(module.address()), module.image().size(), base::hex32(module.crc32())));
  ASSERT_TRUE(catalogue);
  EXPECT_EQ(catalogue->recognise(module).how, Recognition::by_crc);
  const auto others = synthetic({.id = platform::kSystemPart1, .version = 23, .seed = 6});
  EXPECT_EQ(catalogue->recognise(others).how, Recognition::mismatch);
}

TEST(ReleasePage, IsThatOfTheTag) {
  EXPECT_THAT(release_page(version("0.5.5"), kCatalogue),
              EndsWith("/device-os/releases/tag/v0.5.5"));
  EXPECT_THAT(release_page(version("0.0.2"), kCatalogue), EndsWith("/tag/electron-v0.0.2"));
  EXPECT_THAT(release_page(version("9.9.9"), kCatalogue), EndsWith("/tag/v9.9.9"));
}

TEST(FileNames, AreTheVendorsInIndexOrder) {
  EXPECT_THAT(file_names(known("0.5.3")),
              ElementsAre("system-part1-0.5.3-electron.bin", "system-part2-0.5.3-electron.bin"));
  EXPECT_THAT(file_names(known("0.6.4")),
              ElementsAre("system-part2-0.6.4-electron.bin", "system-part3-0.6.4-electron.bin",
                          "system-part1-0.6.4-electron.bin"));
}

TEST(FileNames, FollowTheNamingOfTheTimeWhereNoFileIsKnown) {
  EXPECT_THAT(file_names(known("0.5.4")),
              ElementsAre("system-part1-0.5.4-electron.bin", "system-part2-0.5.4-electron.bin"));
  EXPECT_THAT(file_names(known("0.4.8-rc.5")),
              ElementsAre("system-part1-v0.4.8-rc.5-electron.bin",
                          "system-part2-v0.4.8-rc.5-electron.bin"));
  EXPECT_THAT(file_names(known("3.3.0-rc.1")), ElementsAre("electron-system-part2@3.3.0-rc.1.bin",
                                                           "electron-system-part3@3.3.0-rc.1.bin",
                                                           "electron-system-part1@3.3.0-rc.1.bin"));
}

}  // namespace
}  // namespace release
