// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/console_text.h"

#include "serial/console.h"
#include "serial/transcripts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace serial_test;  // NOLINT: the transcripts
using serial::DescribedDependency;
using serial::DescribedModule;
using serial::parse_identity;
using serial::parse_modules;
using serial::parse_version;

TEST(ParseVersion, ReadsTheOddLineEnd) {
  EXPECT_EQ(*parse_version("system firmware version: 0.4.8-rc.6\n\r\n"), "0.4.8-rc.6");
}

TEST(ParseVersion, PassesOverJunkAround) {
  EXPECT_EQ(*parse_version("\x01\xff 12 [app] INFO: v\r\n" + version_answer("2.3.1") + "more"),
            "2.3.1");
}

TEST(ParseVersion, WaitsForTheEndOfTheLine) {
  const std::string whole = version_answer("0.4.8-rc.6");
  for (std::size_t length = 0; length < whole.find('\n'); ++length) {
    EXPECT_FALSE(parse_version(whole.substr(0, length))) << length;
  }
}

TEST(ParseVersion, TakesNoTextThatIsNoVersion) {
  EXPECT_FALSE(parse_version("system firmware version: \n\r\n"));
  EXPECT_FALSE(parse_version("system firmware version: beta\n\r\n"));
  EXPECT_FALSE(parse_version("system firmware version: 0.6.4\x1b[31m\n\r\n"));
  EXPECT_FALSE(parse_version("system firmware version: 0." + std::string(100, '6') + "\n"));
}

TEST(ParseVersion, PassesOverAGarbledAnswerBeforeAWholeOne) {
  EXPECT_EQ(*parse_version("system firmware version: ?\n\r\n" + version_answer("1.5.2")), "1.5.2");
}

TEST(ParseIdentity, ReadsIdImeiAndIccid) {
  const auto identity = parse_identity(kIdentity064);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->device_id, "2b0036000a47333534393338");
  EXPECT_EQ(identity->imei, "353162070000019");
  EXPECT_EQ(identity->iccid, "89314404000000000123");
  EXPECT_EQ(identity->radio, "");
}

TEST(ParseIdentity, ReadsTheRadioVersionOfLaterReleases) {
  EXPECT_EQ(parse_identity(kIdentity231)->radio, "23.20,A01.00");
}

TEST(ParseIdentity, ReadsTheIdOfADeviceWithoutKeys) {
  EXPECT_EQ(parse_identity("Your device id is 2B0036000A47333534393338\r\n")->device_id,
            "2b0036000a47333534393338");
}

TEST(ParseIdentity, RefusesAnIdThatIsCutShort) {
  EXPECT_FALSE(parse_identity("Device ID: 2b0036000a4733353439333\r\n"));
  EXPECT_FALSE(parse_identity("Device ID: 2b0036000a47333534393338"));
  EXPECT_FALSE(parse_identity(""));
}

// Every byte of the line ends may get lost.
TEST(ParseIdentity, NeverKeepsTheDeviceSecret) {
  const std::string secret = "ABCDEFGHJKLMNOP";
  for (std::size_t from = 0; from < kIdentity231.size(); ++from) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}}) {
      std::string text = kIdentity231;
      text.erase(from, count);
      const auto identity = parse_identity(text);
      if (!identity) {
        EXPECT_EQ(identity.error().message.find("ABCDE"), std::string::npos);
        continue;
      }
      const std::string kept =
          identity->device_id + identity->imei + identity->iccid + identity->radio;
      EXPECT_EQ(kept.find("ABCDE"), std::string::npos) << from;
      EXPECT_EQ(kept.find("abcde"), std::string::npos) << from;
    }
  }
}

TEST(ParseIdentity, DropsAValueWithStrangeCharacters) {
  const auto identity = parse_identity(
      "Device ID: 2b0036000a47333534393338\r\nIMEI: 35\x1b[2J\r\nICCID: +CME ERROR\r\n");
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->imei, "");
  EXPECT_EQ(identity->iccid, "");
}

TEST(ParseModules, ReadsADeviceOf064) {
  const auto described = parse_modules(kModules064);
  ASSERT_TRUE(described);
  EXPECT_EQ(described->platform, 10);
  EXPECT_EQ(described->imei, "353162070000019");
  ASSERT_EQ(described->modules.size(), 6u);
  const DescribedModule& part1 = described->modules[1];
  EXPECT_EQ(part1.function, 's');
  EXPECT_EQ(part1.index, 1);
  EXPECT_EQ(part1.version, 110);
  EXPECT_EQ(part1.store_size, 131072u);
  EXPECT_EQ(part1.location, 'm');
  EXPECT_THAT(part1.dependencies, testing::ElementsAre(DescribedDependency{'s', 3, 110}));
  EXPECT_TRUE(part1.ok());
  EXPECT_EQ(described->modules[4].user_sha256, "6b38" + std::string(56, '0') + "84f8");
}

TEST(ParseModules, ListsAnEmptyStoreWithoutFunction) {
  const auto described = parse_modules(kModules064);
  ASSERT_TRUE(described);
  EXPECT_EQ(described->modules[5].function, 0);
  EXPECT_EQ(described->modules[5].location, 'f');
  EXPECT_FALSE(described->modules[5].ok());
}

TEST(ParseModules, TellsWhichCheckFails) {
  const auto described = parse_modules(kModules048);
  ASSERT_TRUE(described);
  EXPECT_FALSE(described->modules[3].ok());
  EXPECT_EQ(described->modules[3].checked & ~described->modules[3].passed, serial::kDependencies);
}

TEST(ParseModules, ReadsBothDependenciesOfLaterReleases) {
  const auto described = parse_modules(kModules231);
  ASSERT_TRUE(described);
  ASSERT_EQ(described->modules.size(), 4u);
  EXPECT_THAT(
      described->modules[2].dependencies,
      testing::ElementsAre(DescribedDependency{'s', 1, 2302}, DescribedDependency{'b', 0, 1003}));
}

TEST(ParseModules, LeavesOutEntriesThatMakeNoSense) {
  const auto described = parse_modules(kModules331);
  ASSERT_TRUE(described);
  ASSERT_EQ(described->modules.size(), 2u);
  EXPECT_EQ(described->modules[1].version, 3302);
}

TEST(ParseModules, LeavesOutNumbersThatAreOutOfRange) {
  const auto described =
      parse_modules(R"({"p":10,"m":[{"s":1,"l":"m","vc":30,"vv":30,"f":"s","n":"256","v":1},)"
                    R"({"s":1,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":65536},)"
                    R"({"s":1,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":-1},)"
                    R"({"s":1,"l":"m","vc":30,"vv":30,"f":"s","n":"99999999999999999999","v":1},)"
                    R"({"s":1,"l":"m","vc":30,"vv":30,"f":"s","n":"1"}]})");
  ASSERT_TRUE(described);
  EXPECT_TRUE(described->modules.empty());
}

TEST(ParseModules, PassesOverJunkWithBracesBefore) {
  const auto described = parse_modules("0000 {app} {\"x\":[1]}\r\n" + kModules064);
  ASSERT_TRUE(described);
  EXPECT_EQ(described->modules.size(), 6u);
}

TEST(ParseModules, RefusesAnAnswerThatIsCutShort) {
  for (std::size_t length = 0; length + 3 < kModules064.size(); ++length) {
    EXPECT_FALSE(parse_modules(kModules064.substr(0, length))) << length;
  }
}

TEST(ParseModules, NeedsThePlatform) { EXPECT_FALSE(parse_modules(R"({"m":[]})")); }

TEST(ParseModules, SurvivesDeepNesting) {
  EXPECT_FALSE(parse_modules(std::string(30000, '{')));
  EXPECT_FALSE(parse_modules(R"({"m":)" + std::string(30000, '[') + std::string(30000, ']') + "}"));
}

TEST(ParseClaimed, ReadsBothAnswersAndNone) {
  EXPECT_EQ(serial::parse_claimed("Device claimed: yes\r\n"), true);
  EXPECT_EQ(serial::parse_claimed("Device claimed: no\r\n"), false);
  EXPECT_EQ(serial::parse_claimed(""), std::nullopt);
  EXPECT_EQ(serial::parse_claimed("Device claimed: n"), std::nullopt);
}

TEST(FindJsonObject, RespectsStrings) {
  EXPECT_EQ(serial::find_json_object(R"(x{"a":"}\"{"}y)", 0), R"({"a":"}\"{"})");
  EXPECT_EQ(serial::find_json_object(R"({"a":1)", 0), "");
}

}  // namespace
