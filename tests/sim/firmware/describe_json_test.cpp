// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/describe_json.h"

#include "firmware/parse.h"
#include "sim/firmware_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;
using ::testing::HasSubstr;
using ::testing::Not;

class DescribeModules : public ::testing::Test {
 protected:
  FlashMemory flash{platform::electron()};
  FirmwareOptions options;

  void SetUp() override { flash.fill_blank(platform::electron().flash); }

  std::string describe(std::uint16_t version, std::uint16_t bootloader) {
    put_release(flash, version, bootloader);
    return describe_modules(flash, system_profile(version), options);
  }

  static std::string sha_of(const base::Bytes& image) {
    std::string text = base::to_hex(base::ByteView(image).subspan(image.size() - 4 - 34, 32));
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    return text;
  }
};

TEST_F(DescribeModules, PrintsWhat064Prints) {
  EXPECT_EQ(
      describe(110, 11),
      R"({"p":10,"imei":"353162070000019","iccid":"89314404000000000123","m":[)"
      R"({"s":16384,"l":"m","vc":30,"vv":30,"f":"b","n":"0","v":11,"d":[]},)"
      R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":110,"d":[{"f":"s","n":"3","v":110,"_":""}]},)"
      R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"2","v":110,"d":[{"f":"s","n":"1","v":110,"_":""}]},)"
      R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"3","v":110,"d":[]},)"
      R"({"s":131072,"l":"m","vc":30,"vv":30,"u":")" +
          sha_of(user_part()) +
          R"(","f":"u","n":"1","v":3,"d":[{"f":"s","n":"2","v":10,"_":""}]},)"
          R"({"s":131072,"l":"f","vc":30,"vv":0,"d":[]}]})");
}

TEST_F(DescribeModules, DoesNotKnowIndex3Before053) {
  EXPECT_THAT(describe(13, 6), Not(HasSubstr(R"("n":"3")")));
  // 0.5.3 has an empty entry for it, and one for the factory store.
  EXPECT_THAT(describe(21, 6), HasSubstr(R"({"s":131072,"l":"m","vc":30,"vv":0,"d":[]})"));
}

TEST_F(DescribeModules, LeavesEmptyStoresOutSince110) {
  EXPECT_THAT(describe(1002, 201), HasSubstr(R"("l":"f")"));
  const std::string text = describe(1102, 301);
  EXPECT_THAT(text, Not(HasSubstr(R"("l":"f")")));
  EXPECT_THAT(text, HasSubstr(R"("_":"")"));
}

TEST_F(DescribeModules, ListsBothDependenciesAndNoPaddingIn231) {
  const std::string text = describe(2302, 1004);
  EXPECT_THAT(text, HasSubstr(R"("iccid":"89314404000000000123","cellfw":"23.20,A01.00","m":)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"("n":"2","v":2302,"d":[{"f":"s","n":"1","v":2302},{"f":"b","n":"0","v":1003}])"));
  EXPECT_THAT(text, Not(HasSubstr(R"("_")")));
}

TEST_F(DescribeModules, ShowsTheUnmetBootloaderDependency) {
  EXPECT_THAT(describe(2302, 400), HasSubstr(R"("vv":26,"f":"s","n":"2")"));
}

TEST_F(DescribeModules, ShowsADamagedPart) {
  put_release(flash, 110, 11);
  flash.load(0x08021000 - 64, base::Bytes(8, 0));
  EXPECT_THAT(describe_modules(flash, system_profile(110), options),
              HasSubstr(R"("vv":28,"f":"s","n":"1")"));
}

TEST_F(DescribeModules, ListsAPartForAnotherAddressSince220) {
  for (const auto& [version, shown] : {std::pair<std::uint16_t, bool>{2101, false}, {2202, true}}) {
    put_release(flash, version, 1004);
    flash.fill_blank({0x08060000, 0x08080000});
    flash.load(0x08060000, user_part());
    const std::string text = describe_modules(flash, system_profile(version), options);
    EXPECT_EQ(text.find(R"("vv":22)") != std::string::npos, shown) << version;
  }
}

TEST_F(DescribeModules, ShowsTwoStrayEntriesSince320) {
  const std::string text = describe(3201, 1100);
  EXPECT_THAT(text,
              HasSubstr(R"({"s":0,"l":"m","vc":30,"vv":22,"f":"b","n":"0","v":1100,"d":[]},)"
                        R"({"s":0,"l":"m","vc":30,"vv":22,"f":"b","n":"0","v":1100,"d":[]}])"));
  EXPECT_THAT(describe(2302, 1100), Not(HasSubstr(R"("s":0)")));
}

TEST_F(DescribeModules, ListsAWholeFactoryImage) {
  put_release(flash, 2302, 1004);
  flash.load(0x080A0000, user_part());
  EXPECT_THAT(describe_modules(flash, system_profile(2302), options), HasSubstr(R"("l":"f")"));
}

}  // namespace
}  // namespace sim
