// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/acceptance.h"

#include "firmware/parse.h"
#include "sim/firmware_bench.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;

constexpr base::AddressRange kStaging{0x080C0000, 0x080E0000};

class Acceptance : public ::testing::Test {
 protected:
  FlashMemory flash{platform::electron()};

  void SetUp() override { flash.fill_blank(platform::electron().flash); }

  Judgement judge_image(const base::Bytes& image) {
    flash.fill_blank(kStaging);
    flash.load(kStaging.begin, image);
    const auto header =
        firmware::parse_header(flash.view(platform::electron().slot(kSystemPart2)->flash), nullptr);
    return judge(flash, platform::electron(), system_profile(header->version), kStaging);
  }

  // Sends the parts in this order, each put in place if the rules take it; the refused ones, as
  // text.
  std::string send(std::initializer_list<std::pair<int, std::uint16_t>> order) {
    std::string refused;
    for (const auto& [index, version] : order) {
      const base::Bytes image = part(index, version);
      if (judge_image(image).accepted()) {
        put(flash, {platform::ModuleFunction::system_part, static_cast<std::uint8_t>(index)},
            image);
      } else {
        refused += std::to_string(index);
      }
    }
    return refused;
  }
};

TEST_F(Acceptance, TakesIndex1ThenIndex2FromTheFirstReleasesTo055) {
  put_parts(flash, {1, 1, 0});
  EXPECT_EQ(send({{1, 23}, {2, 23}}), "");
  put_parts(flash, {1, 1, 0});
  EXPECT_EQ(send({{2, 23}}), "2");
}

TEST_F(Acceptance, DoesNotKnowIndex3Before053) {
  put_parts(flash, {17, 17, 0});
  EXPECT_EQ(send({{3, 110}}), "3");
}

TEST_F(Acceptance, TakesIndex3ThenIndex1ThenIndex2From055To064) {
  put_parts(flash, {23, 23, 0});
  EXPECT_EQ(send({{3, 110}, {1, 110}, {2, 110}}), "");
}

TEST_F(Acceptance, CountsABlankSectorAsEveryVersion) {
  put_parts(flash, {23, 23, 0});
  EXPECT_EQ(send({{1, 110}, {2, 110}}), "");
}

TEST_F(Acceptance, RefusesIndex3Of070On055) {
  put_parts(flash, {23, 23, 0});
  EXPECT_EQ(send({{3, 207}}), "3");
}

TEST_F(Acceptance, OffersNoWayFrom063To070) {
  put_parts(flash, {109, 109, 109});
  EXPECT_EQ(send({{3, 207}, {1, 207}, {2, 207}}), "312");
}

TEST_F(Acceptance, TakesOnlyOneOrderFrom063To064) {
  put_parts(flash, {109, 109, 109});
  EXPECT_EQ(send({{1, 110}, {2, 110}}), "12");
  EXPECT_EQ(send({{3, 110}, {1, 110}, {2, 110}}), "");
}

TEST_F(Acceptance, TakesOnlyOneOrderFrom064To231AndIgnoresTheBootloader) {
  put_parts(flash, {110, 110, 110});
  put(flash, kBootloader, module(kBootloader, 11));
  EXPECT_EQ(send({{1, 2302}, {2, 2302}}), "12");
  EXPECT_EQ(send({{3, 2302}, {1, 2302}, {2, 2302}}), "");
}

TEST_F(Acceptance, TakesIndex2FirstOnTheWayDownFrom231To064) {
  put_parts(flash, {2302, 2302, 2302});
  EXPECT_EQ(send({{3, 110}, {1, 110}}), "31");
  EXPECT_EQ(send({{2, 110}, {1, 110}, {3, 110}}), "");
}

TEST_F(Acceptance, OffersNoWayFrom070To063) {
  put_parts(flash, {207, 207, 207});
  EXPECT_EQ(send({{2, 109}, {1, 109}, {3, 109}}), "213");
}

TEST_F(Acceptance, TakesIndex2ThenIndex1From064To055) {
  put_parts(flash, {110, 110, 110});
  EXPECT_EQ(send({{2, 23}, {1, 23}}), "");
}

TEST_F(Acceptance, RefusesIndex2Of055BesideAnIndex3Of070LeftBehind) {
  put_parts(flash, {110, 110, 207});
  EXPECT_EQ(send({{2, 23}}), "2");
}

TEST_F(Acceptance, NamesEachFailedCheck) {
  put_parts(flash, {110, 110, 110});
  base::Bytes image = part(3, 110);
  image[2000] ^= 1;
  EXPECT_EQ(judge_image(image).failed, 0x2U);

  image = part(3, 110);
  base::store_le16(image, 12, 6);
  firmware::seal(image);
  EXPECT_EQ(judge_image(image).failed, 0x10U);

  image = part(3, 110);
  base::store_le32(image, 0, 0x080A0000);
  base::store_le32(image, 4, 0x080A0000 + 4092);
  firmware::seal(image);
  EXPECT_EQ(judge_image(image).failed, 0x5EU);

  EXPECT_EQ(judge_image(base::Bytes(4096, 0x5A)).failed, 0x5EU);
  EXPECT_EQ(judge_image({}).failed, 0x5EU);
  EXPECT_EQ(judge_image(part(1, 1)).failed, 0x44U);
}

TEST_F(Acceptance, LooksAtReverseDependenciesOnlySince053) {
  put_parts(flash, {17, 17, 0});
  EXPECT_TRUE(judge_image(part(1, 1)).accepted());
  put_parts(flash, {23, 23, 0});
  EXPECT_FALSE(judge_image(part(1, 1)).accepted());
  EXPECT_TRUE(judge_image(part(2, 1)).accepted());
}

TEST_F(Acceptance, TakesAnApplicationWhateverItWants) {
  put_parts(flash, {110, 110, 110});
  EXPECT_TRUE(judge_image(user_part(9999)).accepted());
}

TEST_F(Acceptance, TakesABootloaderExceptOn05x) {
  const base::Bytes bootloader = module(kBootloader, 11, {}, {}, 12000);
  for (const auto& [version, taken] : {std::pair<std::uint16_t, bool>{10, true},
                                       {13, false},
                                       {23, false},
                                       {102, true},
                                       {110, true},
                                       {2302, true}}) {
    put_parts(flash, {version, version, version});
    EXPECT_EQ(judge_image(bootloader).accepted(), taken) << version;
  }
}

}  // namespace
}  // namespace sim
