// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/target.h"

#include "release/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace release {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Catalogue& kCatalogue = Catalogue::embedded();

base::Error error_of(const std::string& text) {
  const auto parsed = parse_release(text, kCatalogue);
  EXPECT_FALSE(parsed) << text;
  return parsed ? base::Error() : parsed.error();
}

TEST(ParseRelease, TakesTheWholeNameOfEveryRelease) {
  for (const CatalogueRelease& release : kCatalogue.releases()) {
    const auto parsed = parse_release(release.version.text(), kCatalogue);
    ASSERT_TRUE(parsed) << release.version.text();
    EXPECT_EQ(parsed->text(), release.version.text());
  }
  EXPECT_EQ(parse_release("v2.3.1", kCatalogue)->text(), "2.3.1");
  EXPECT_TRUE(parse_release("custom-4242", kCatalogue)->is_custom());
}

TEST(ParseRelease, CompletesNoPartOfAName) {
  struct Case {
    const char* typed;
    const char* means;
  };
  for (const Case& one : {Case{"2.3", "2.3.0 or 2.3.1"}, Case{"3.3", "3.3.0 or 3.3.1"},
                          Case{"2", "2.0.0, 2.0.1, 2.0.2, 2.1.0, 2.2.0, 2.3.0 or 2.3.1"},
                          Case{"v2.3", "2.3.0 or 2.3.1"}, Case{"0.4.8", "0.4.8-rc.6"},
                          Case{"0.4.8-rc", "0.4.8-rc.6"}, Case{"0.5", "0.5.4 or 0.5.5"}}) {
    const base::Error error = error_of(one.typed);
    EXPECT_EQ(error.code, base::Errc::usage) << one.typed;
    EXPECT_EQ(error.id, "partial-release") << one.typed;
    EXPECT_THAT(error.message, HasSubstr(one.means)) << one.typed;
  }
  EXPECT_THAT(error_of("2.3").message, Not(HasSubstr("2.3.0-rc.1")));
}

TEST(ParseRelease, NamesTheElectronsLastReleaseWhereMoreIsWanted) {
  for (const char* typed : {"4.0.2", "3.3.2", "10.0.0", "4"}) {
    const base::Error error = error_of(typed);
    EXPECT_EQ(error.code, base::Errc::usage);
    EXPECT_EQ(error.id, "beyond-last-release") << typed;
    EXPECT_THAT(error.message, HasSubstr("its last is 3.3.1")) << typed;
  }
}

TEST(ParseRelease, AsksWhetherAnotherWasMeantAfterASlip) {
  EXPECT_THAT(error_of("2.3.2").hint, AllOf(HasSubstr("did you mean"), HasSubstr("2.3.1")));
  EXPECT_THAT(error_of("2,3.1").hint, HasSubstr("2.3.1"));
  EXPECT_THAT(error_of("0.4.8-rc6").hint, HasSubstr("0.4.8-rc.6"));
  EXPECT_THAT(error_of("02.3.1").hint, HasSubstr("2.3.1"));
  EXPECT_THAT(error_of("2.3.1 ").hint, HasSubstr("2.3.1"));
  EXPECT_EQ(error_of("2.3.2").id, "unknown-release");
}

TEST(ParseRelease, TakesNoOtherBuildOfARelease) {
  EXPECT_EQ(error_of("1.1.0+debug").code, base::Errc::usage);
}

TEST(ParseRelease, RefusesWhatIsNoReleaseNameAtAll) {
  for (const char* typed : {"", "latest", "banana", "2.3.x", "\x1b[31m", "-1"}) {
    const base::Error error = error_of(typed);
    EXPECT_EQ(error.code, base::Errc::usage) << typed;
    EXPECT_FALSE(error.hint.empty()) << typed;
    EXPECT_THAT(error.message, Not(HasSubstr("\x1b")));
  }
}

firmware::CheckedModule application(std::uint16_t wants) {
  return synthetic(
      {.id = platform::kUserPart, .version = 5, .dependency1 = {platform::kSystemPart2, wants}},
      "app.bin");
}

TEST(ReleaseBuiltFor, IsTheOneOfTheModuleVersion) {
  for (const auto& [wants, name] : {std::pair{2302, "2.3.1"}, std::pair{3302, "3.3.1"},
                                    std::pair{1512, "1.5.2"}, std::pair{23, "0.5.5"}}) {
    const auto found =
        release_built_for(application(static_cast<std::uint16_t>(wants)), kCatalogue);
    ASSERT_TRUE(found) << wants;
    EXPECT_EQ((*found)->version.text(), name);
  }
}

TEST(ReleaseBuiltFor, IsTheFinalOneWherePreReleasesShareItsNumber) {
  EXPECT_EQ((*release_built_for(application(13), kCatalogue))->version.text(), "0.5.0");
}

TEST(ReleaseBuiltFor, IsNotGuessed) {
  const auto several = release_built_for(application(10), kCatalogue);
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().id, "target-undecided");
  EXPECT_THAT(several.error().message, HasSubstr("0.4.8-rc.6"));
  const auto between = release_built_for(application(1503), kCatalogue);
  ASSERT_FALSE(between);
  EXPECT_THAT(between.error().hint, HasSubstr("--target 1.5.1"));
  const auto beyond = release_built_for(application(9999), kCatalogue);
  ASSERT_FALSE(beyond);
  EXPECT_THAT(beyond.error().hint, HasSubstr("no release for the Electron can run it"));
  const auto nothing = release_built_for(
      synthetic({.id = platform::kUserPart, .version = 5}, "app.bin"), kCatalogue);
  ASSERT_FALSE(nothing);
  EXPECT_THAT(nothing.error().message, HasSubstr("app.bin"));
}

TEST(Needs, AreToldByReleaseAndNotByModuleVersionAlone) {
  const auto told = [](std::uint16_t wants) {
    return describe(*needs_of(application(wants).header(), kCatalogue));
  };
  EXPECT_EQ(told(2302), "2.3.1 or later");
  EXPECT_EQ(told(13), "0.5.0 or later");
  EXPECT_THAT(told(10), AllOf(HasSubstr("0.4.8-rc.3 … 0.4.8-rc.6"), HasSubstr("10")));
  EXPECT_THAT(told(1503), HasSubstr("1.5.1 or later"));
  EXPECT_THAT(told(9999), HasSubstr("which no release has"));
}

}  // namespace
}  // namespace release
