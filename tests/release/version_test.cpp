// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/version.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace release {
namespace {

Version version(std::string_view text) {
  Version parsed;
  EXPECT_TRUE(Version::parse(text, parsed)) << text;
  return parsed;
}

TEST(ReleaseVersion, AcceptsOneToFourNumbers) {
  for (const char* text : {"2", "2.3", "2.3.1", "0.0.2.1"}) {
    EXPECT_EQ(version(text).text(), text);
  }
}

TEST(ReleaseVersion, DropsALeadingV) {
  EXPECT_EQ(version("v0.6.4").text(), "0.6.4");
  EXPECT_EQ(version("v0.6.4"), version("0.6.4"));
}

TEST(ReleaseVersion, RefusesWhatIsNoVersion) {
  for (const char* text :
       {"",           "v",           "a",         "1.",      ".1",           "1..2",
        "1.2.3.4.5",  "1.2.3-",      "1.2.3-rc.", "1.2.3+",  "1 2",          "-1",
        "1.2.3-rc_1", "99999999999", "0x1",       "custom-", "custom-65536", "custom--1",
        "custom-1a",  "vv1"}) {
    Version parsed;
    EXPECT_FALSE(Version::parse(text, parsed)) << text;
  }
  Version parsed;
  EXPECT_FALSE(Version::parse(std::string(1000, '1'), parsed));
}

TEST(ReleaseVersion, SortsAsSemanticVersioningDoes) {
  const std::vector<std::string> sorted{
      "0.0.2-rc.2",    "0.0.2",      "0.0.2.1",      "0.4.8-rc.2",   "0.4.8-rc.6", "0.4.8-rc.10",
      "0.4.9",         "0.5.0",      "0.5.10",       "1.2.0-beta.1", "1.2.0-rc.1", "1.2.0",
      "2.0.0-alpha.1", "2.0.0-rc.1", "2.0.0-rc.1.1", "2.0.0"};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(version(sorted[i]) < version(sorted[j]), i < j) << sorted[i] << ' ' << sorted[j];
    }
  }
}

TEST(ReleaseVersion, KeepsBuildMetadataButDoesNotCompareIt) {
  EXPECT_EQ(version("1.1.0+debug"), version("1.1.0"));
  EXPECT_EQ(version("1.1.0+debug").text(), "1.1.0+debug");
}

TEST(ReleaseVersion, KnowsAPrerelease) {
  EXPECT_TRUE(version("0.4.8-rc.6").prerelease());
  EXPECT_FALSE(version("0.4.9").prerelease());
}

TEST(ReleaseVersion, NamesACustomBuildByItsModuleVersion) {
  EXPECT_EQ(Version::custom(777).text(), "custom-777");
  EXPECT_TRUE(Version::custom(777).is_custom());
  EXPECT_EQ(version("custom-777"), Version::custom(777));
  EXPECT_NE(Version::custom(776), Version::custom(777));
  EXPECT_LT(Version::custom(9999), version("0.0.1-rc.3"));
  EXPECT_FALSE(version("0.0.1").is_custom());
}

}  // namespace
}  // namespace release
