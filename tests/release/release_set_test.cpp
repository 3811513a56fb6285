// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/assemble.h"
#include "release/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace release {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Modules = std::vector<firmware::CheckedModule>;

constexpr AssembleOptions kStrict{};
constexpr AssembleOptions kAllowUnknown{.allow_unknown = true};

Version version(std::string_view text) {
  Version parsed;
  EXPECT_TRUE(Version::parse(text, parsed)) << text;
  return parsed;
}

Modules operator+(Modules left, const Modules& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::vector<std::string> codes(const std::vector<firmware::Problem>& problems) {
  std::vector<std::string> all;
  for (const firmware::Problem& problem : problems) all.push_back(problem.code);
  return all;
}

std::vector<std::string> usable(const Library& library) {
  std::vector<std::string> names;
  for (const ValidatedRelease& release : library.releases)
    names.push_back(release.version().text());
  return names;
}

const ReleaseStatus& only_status(const Library& library) {
  EXPECT_THAT(library.status, SizeIs(1));
  static const ReleaseStatus kNone;
  return library.status.empty() ? kNone : library.status.front();
}

TEST(Assemble, MakesAReleaseOfItsReleasedFiles) {
  const Catalogue catalogue = catalogue_of({{"0.7.0", three_parts(207, 1), ""}});
  const Library library = assemble(three_parts(207, 1), catalogue, kStrict);
  ASSERT_THAT(library.releases, SizeIs(1));
  const ValidatedRelease& release = library.releases.front();
  EXPECT_EQ(release.version().text(), "0.7.0");
  EXPECT_EQ(release.module_version(), 207);
  EXPECT_EQ(release.catalogue(), catalogue.find(version("0.7.0")));
  EXPECT_TRUE(release.released_files());
  EXPECT_THAT(release.warnings(), IsEmpty());
  EXPECT_THAT(release.may_be(), IsEmpty());
  EXPECT_EQ(library.find(version("0.7.0")), &release);
}

TEST(Assemble, GivesPartsInIndexOrderAndFilesInFlashingOrder) {
  const Catalogue catalogue = catalogue_of({{"0.7.0", three_parts(207, 1), ""}});
  Modules modules = three_parts(207, 1);
  std::reverse(modules.begin(), modules.end());
  const Library library = assemble(modules, catalogue, kStrict);
  const ValidatedRelease& release = library.releases.front();
  ASSERT_THAT(release.parts(), SizeIs(3));
  EXPECT_EQ(release.parts()[0].id(), platform::kSystemPart1);
  EXPECT_EQ(release.parts()[2].id(), platform::kSystemPart3);
  EXPECT_EQ(release.part_number(platform::kSystemPart3), 1);
  EXPECT_EQ(release.part_number(platform::kSystemPart1), 2);
  EXPECT_EQ(release.part_number(platform::kSystemPart2), 3);
  EXPECT_EQ(release.part_number(platform::kUserPart), 0);
  EXPECT_EQ(release.part(platform::kUserPart), nullptr);
  EXPECT_EQ(release.part(platform::kSystemPart2)->version(), 207);
  EXPECT_THAT(only_status(library).files,
              ElementsAre("part1-207-1.bin", "part2-207-1.bin", "part3-207-1.bin"));
}

TEST(Assemble, NumbersTheTwoPartsOfAnOldReleaseByTheirIndex) {
  const Catalogue catalogue = catalogue_of({{"0.5.3", two_parts(21, 1), "", 0, false}});
  const Library library = assemble(two_parts(21, 1), catalogue, kStrict);
  ASSERT_THAT(usable(library), ElementsAre("0.5.3"));
  EXPECT_EQ(library.releases.front().part_number(platform::kSystemPart1), 1);
  EXPECT_EQ(library.releases.front().part_number(platform::kSystemPart2), 2);
}

TEST(Assemble, SaysWhichIndexesAreMissing) {
  const Catalogue catalogue = catalogue_of({{"0.7.0", three_parts(207, 1), ""}});
  const Library library = assemble({three_parts(207, 1)[2]}, catalogue, kStrict);
  EXPECT_THAT(library.releases, IsEmpty());
  const ReleaseStatus& status = only_status(library);
  EXPECT_FALSE(status.complete);
  EXPECT_FALSE(status.usable);
  EXPECT_THAT(status.missing, ElementsAre(1, 3));
  EXPECT_EQ(library.find(version("0.7.0")), nullptr);
  EXPECT_EQ(library.find_status(version("0.7.0")), &library.status.front());
}

TEST(Assemble, SortsReleasesOldestFirst) {
  const Catalogue catalogue = catalogue_of({{"0.5.3", two_parts(21, 1), "", 0, false},
                                            {"0.6.4", three_parts(110, 1), ""},
                                            {"0.7.0", three_parts(207, 1), ""}});
  const Library library =
      assemble(three_parts(207, 1) + two_parts(21, 1) + three_parts(110, 1), catalogue, kStrict);
  EXPECT_THAT(usable(library), ElementsAre("0.5.3", "0.6.4", "0.7.0"));
}

TEST(Assemble, MentionsADuplicateAndUsesOneCopy) {
  const Catalogue catalogue = catalogue_of({{"0.7.0", three_parts(207, 1), ""}});
  Modules modules = three_parts(207, 1);
  modules.push_back(
      synthetic({.id = platform::kSystemPart3, .version = 207, .seed = 1}, "copy.bin"));
  const Library library = assemble(modules, catalogue, kStrict);
  EXPECT_THAT(usable(library), ElementsAre("0.7.0"));
  EXPECT_THAT(library.releases.front().warnings(), IsEmpty());
  EXPECT_THAT(codes(only_status(library).problems), ElementsAre("duplicate"));
  EXPECT_THAT(only_status(library).problems.front().message,
              AllOf(HasSubstr("part1-207-1.bin"), HasSubstr("copy.bin")));
}

TEST(Assemble, ServesEveryReleaseThatSharesAFile) {
  const Modules first = two_parts(1, 1);
  const Modules second{first[0], two_parts(1, 2)[1]};
  const Catalogue catalogue =
      catalogue_of({{"0.0.3-rc.1", first, "", 0, false}, {"0.0.3-rc.2", second, "", 0, false}});
  EXPECT_THAT(usable(assemble(first + second, catalogue, kStrict)),
              ElementsAre("0.0.3-rc.1", "0.0.3-rc.2"));
}

TEST(Assemble, DoesNotCallASharedFileHalfOfAnotherRelease) {
  const Modules first = two_parts(1, 1);
  const Modules second{first[0], two_parts(1, 2)[1]};
  const Catalogue catalogue =
      catalogue_of({{"0.0.3-rc.1", first, "", 0, false}, {"0.0.3-rc.2", second, "", 0, false}});
  const Library library = assemble(second, catalogue, kStrict);
  EXPECT_THAT(usable(library), ElementsAre("0.0.3-rc.2"));
  EXPECT_THAT(library.status, SizeIs(1));
}

TEST(Assemble, KeepsReleasesOfOneModuleVersionApart) {
  const Catalogue catalogue = catalogue_of(
      {{"0.0.2", two_parts(1, 1), "", 0, false}, {"0.4.8-rc.2", two_parts(1, 2), "", 0, false}});
  const Library library = assemble(two_parts(1, 1) + two_parts(1, 2), catalogue, kStrict);
  ASSERT_THAT(usable(library), ElementsAre("0.0.2", "0.4.8-rc.2"));
  EXPECT_EQ(library.releases[0].parts()[1].source(), "part2-1-1.bin");
  EXPECT_EQ(library.releases[1].parts()[1].source(), "part2-1-2.bin");
}

TEST(Assemble, UsesAReleaseWithoutKnownFilesWithAWarning) {
  const Catalogue catalogue = catalogue_of({{"0.5.5", {}, "", 23, false}});
  const Library library = assemble(two_parts(23, 1), catalogue, kAllowUnknown);
  ASSERT_THAT(usable(library), ElementsAre("0.5.5"));
  EXPECT_FALSE(library.releases.front().released_files());
  EXPECT_NE(library.releases.front().catalogue(), nullptr);
  EXPECT_THAT(codes(library.releases.front().warnings()), ElementsAre("not-in-catalogue"));
}

TEST(Assemble, SaysWhichReleasesAnOldNumberMayBe) {
  const Catalogue catalogue = catalogue_of({{"0.4.9-rc.1", {}, "", 11, false},
                                            {"0.4.9-rc.2", {}, "", 11, false},
                                            {"0.4.9", {}, "", 11, false}});
  const Library library = assemble(two_parts(11, 1), catalogue, kAllowUnknown);
  ASSERT_THAT(usable(library), ElementsAre("0.4.9"));
  const ValidatedRelease& release = library.releases.front();
  EXPECT_THAT(codes(release.warnings()), ElementsAre("not-in-catalogue", "ambiguous-release"));
  EXPECT_THAT(release.warnings()[1].message, HasSubstr("0.4.9, 0.4.9-rc.2, 0.4.9-rc.1"));
  EXPECT_THAT(release.may_be(), SizeIs(3));
  EXPECT_EQ(library.find(version("0.4.9-rc.2")), &release);
}

TEST(Assemble, TakesOtherBytesForAReleaseThatSharesItsNumberOnlyWhereThatIsAllowed) {
  const Catalogue catalogue = catalogue_of(
      {{"0.4.8-rc.5", {}, "", 10, false}, {"0.4.8-rc.6", two_parts(10, 1), "", 0, false}});
  const Library strict = assemble(two_parts(10, 7), catalogue, kStrict);
  EXPECT_EQ(strict.find(version("0.4.8-rc.6")), nullptr);
  const Library library = assemble(two_parts(10, 7), catalogue, kAllowUnknown);
  const ValidatedRelease* found = library.find(version("0.4.8-rc.6"));
  ASSERT_NE(found, nullptr);
  EXPECT_THAT(found->may_be(), ElementsAre(version("0.4.8-rc.6"), version("0.4.8-rc.5")));
  EXPECT_THAT(codes(found->warnings()), Contains("ambiguous-release"));
}

TEST(Assemble, RefusesWrongBytesOfAKnownRelease) {
  const Catalogue catalogue = catalogue_of({{"0.7.0", three_parts(207, 1), ""}});
  Modules modules = three_parts(207, 1);
  modules[1] = three_parts(207, 9)[1];
  const Library library = assemble(modules, catalogue, kStrict);
  EXPECT_THAT(library.releases, IsEmpty());
  const ReleaseStatus& status = only_status(library);
  EXPECT_TRUE(status.complete);
  EXPECT_FALSE(status.usable);
  EXPECT_THAT(codes(status.problems), ElementsAre("catalogue-mismatch"));
  EXPECT_THAT(status.problems.front().message, HasSubstr("part2-207-9.bin"));
}

TEST(Assemble, AllowsWrongBytesOnRequestWithAWarning) {
  const Catalogue catalogue = catalogue_of({{"0.7.0", three_parts(207, 1), ""}});
  Modules modules = three_parts(207, 1);
  modules[1] = three_parts(207, 9)[1];
  const Library library = assemble(modules, catalogue, kAllowUnknown);
  ASSERT_THAT(usable(library), ElementsAre("0.7.0"));
  EXPECT_FALSE(library.releases.front().released_files());
  EXPECT_THAT(codes(library.releases.front().warnings()), ElementsAre("catalogue-mismatch"));
}

TEST(Assemble, PrefersTheReleasedFilesToAnotherBuild) {
  const Catalogue catalogue = catalogue_of({{"1.5.0", three_parts(1502, 1), ""}});
  const Library library = assemble(three_parts(1502, 2) + three_parts(1502, 1), catalogue, kStrict);
  ASSERT_THAT(usable(library), ElementsAre("1.5.0"));
  EXPECT_TRUE(library.releases.front().released_files());
  EXPECT_THAT(codes(only_status(library).problems),
              ElementsAre("other-build", "other-build", "other-build"));
}

TEST(Assemble, AsksToChooseBetweenTwoUnknownBuilds) {
  const Catalogue catalogue = catalogue_of({{"3.3.1", {}, "", 3302}});
  const Library library =
      assemble(three_parts(3302, 1) + three_parts(3302, 2), catalogue, kAllowUnknown);
  EXPECT_THAT(library.releases, IsEmpty());
  const ReleaseStatus& status = only_status(library);
  EXPECT_TRUE(status.complete);
  EXPECT_THAT(codes(status.problems), Contains("ambiguous-build"));
  EXPECT_THAT(status.problems.front().message,
              AllOf(HasSubstr("part1-3302-1.bin"), HasSubstr("part1-3302-2.bin")));
}

TEST(Assemble, UsesThePlainBuildWhereOnlyTheDebugBuildIsKnown) {
  const Catalogue catalogue = catalogue_of({{"1.1.0", three_parts(1102, 1), "+debug"}});
  const Library library = assemble(three_parts(1102, 2), catalogue, kAllowUnknown);
  ASSERT_THAT(usable(library), ElementsAre("1.1.0"));
  EXPECT_THAT(codes(library.releases.front().warnings()), ElementsAre("not-in-catalogue"));
}

TEST(Assemble, UsesAWholePlainBuildBesideAStrayDebugFile) {
  const Catalogue catalogue = catalogue_of({{"1.1.0", three_parts(1102, 1), "+debug"}});
  const Library library =
      assemble(three_parts(1102, 2) + Modules{three_parts(1102, 1)[0]}, catalogue, kAllowUnknown);
  ASSERT_THAT(usable(library), ElementsAre("1.1.0"));
  EXPECT_EQ(library.releases.front().part(platform::kSystemPart3)->source(), "part1-1102-2.bin");
  EXPECT_THAT(codes(only_status(library).problems), Contains("other-build"));
}

TEST(Assemble, RefusesToMixTwoBuilds) {
  const Catalogue catalogue = catalogue_of({{"1.1.0", three_parts(1102, 1), "+debug"}});
  Modules modules = three_parts(1102, 1);
  modules[0] = three_parts(1102, 2)[0];
  const Library strict = assemble(modules, catalogue, kStrict);
  EXPECT_THAT(strict.releases, IsEmpty());
  EXPECT_THAT(codes(only_status(strict).problems), ElementsAre("mixed-builds"));
  EXPECT_THAT(usable(assemble(modules, catalogue, kAllowUnknown)), ElementsAre("1.1.0"));
}

TEST(Assemble, UsesACustomBuildWithAWarning) {
  const Catalogue catalogue = catalogue_of({{"0.7.0", three_parts(207, 1), ""}});
  const Library library = assemble(three_parts(4242, 1), catalogue, kAllowUnknown);
  ASSERT_THAT(usable(library), ElementsAre("custom-4242"));
  EXPECT_EQ(library.releases.front().catalogue(), nullptr);
  EXPECT_EQ(library.releases.front().part_number(platform::kSystemPart3), 1);
  EXPECT_THAT(codes(library.releases.front().warnings()), ElementsAre("custom-build"));
  EXPECT_NE(library.find(version("custom-4242")), nullptr);
}

TEST(Assemble, MakesACustomBuildOfTwoPartsWhereNothingKnowsOfAThird) {
  const Library library = assemble(two_parts(4242, 1), catalogue_of({}), kAllowUnknown);
  ASSERT_THAT(usable(library), ElementsAre("custom-4242"));
  EXPECT_EQ(library.releases.front().part_number(platform::kSystemPart2), 2);
}

// One rule for one risk: whether the catalogue contradicts the bytes or has never heard of them.
TEST(Assemble, TakesBytesThatNobodyVouchesForOnlyWhereThatIsAllowed) {
  struct Case {
    Modules modules;
    Catalogue catalogue;
    const char* problem;
  };
  const Case cases[] = {
      {two_parts(22, 1), catalogue_of({{"0.5.4", {}, "", 22, false}}), "not-in-catalogue"},
      {three_parts(1102, 2), catalogue_of({{"1.1.0", three_parts(1102, 1), "+debug"}}),
       "not-in-catalogue"},
      {three_parts(4242, 1), catalogue_of({}), "custom-build"},
      {three_parts(207, 2), catalogue_of({{"0.7.0", three_parts(207, 1), ""}}),
       "catalogue-mismatch"},
  };
  for (const Case& one : cases) {
    const Library strict = assemble(one.modules, one.catalogue, kStrict);
    EXPECT_THAT(strict.releases, IsEmpty()) << one.problem;
    const ReleaseStatus& status = only_status(strict);
    EXPECT_TRUE(status.complete && status.unvouched && !status.usable) << one.problem;
    EXPECT_THAT(codes(status.problems), Contains(one.problem));
    const Library allowed = assemble(one.modules, one.catalogue, kAllowUnknown);
    EXPECT_THAT(allowed.releases, SizeIs(1)) << one.problem;
    EXPECT_FALSE(allowed.releases.front().released_files()) << one.problem;
  }
}

TEST(Assemble, MissesAThirdPartThatACustomBuildDependsOn) {
  Modules modules = three_parts(4242, 1);
  modules.erase(modules.begin());
  const Library library = assemble(modules, catalogue_of({}), kAllowUnknown);
  EXPECT_THAT(library.releases, IsEmpty());
  EXPECT_THAT(only_status(library).missing, ElementsAre(3));
}

TEST(Assemble, RefusesPartsThatDoNotFitTogether) {
  Modules modules = two_parts(4242, 1);
  modules[1] = synthetic({.id = platform::kSystemPart2,
                          .version = 4242,
                          .dependency1 = {platform::kSystemPart1, 4243}},
                         "odd.bin");
  const Library library = assemble(modules, catalogue_of({}), kAllowUnknown);
  EXPECT_THAT(library.releases, IsEmpty());
  EXPECT_TRUE(only_status(library).complete);
  EXPECT_THAT(codes(only_status(library).problems), Contains("inconsistent"));
}

TEST(Assemble, NeverMixesModuleVersions) {
  const Catalogue catalogue =
      catalogue_of({{"0.6.4", three_parts(110, 1), ""}, {"0.7.0", three_parts(207, 1), ""}});
  Modules modules = three_parts(207, 1);
  modules[1] = three_parts(110, 1)[1];
  const Library library = assemble(modules, catalogue, kAllowUnknown);
  EXPECT_THAT(library.releases, IsEmpty());
  EXPECT_THAT(library.status, SizeIs(2));
}

TEST(Assemble, PutsBootloadersAndUserPartsAside) {
  const Library library = assemble({synthetic({.id = platform::kUserPart, .version = 6}),
                                    synthetic({.id = platform::kBootloader, .version = 11}),
                                    synthetic({.id = platform::kUserPart, .version = 6})},
                                   catalogue_of({}), kStrict);
  EXPECT_THAT(library.user_parts, SizeIs(1));
  EXPECT_THAT(library.bootloaders, SizeIs(1));
  EXPECT_THAT(library.status, IsEmpty());
}

TEST(Assemble, OfNothingIsNothing) {
  const Library library = assemble({}, catalogue_of({}), kStrict);
  EXPECT_THAT(library.releases, IsEmpty());
  EXPECT_THAT(library.status, IsEmpty());
}

}  // namespace
}  // namespace release
