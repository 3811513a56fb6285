// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/boot_rules.h"

#include "firmware/parse.h"
#include "sim/firmware_bench.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;

class BootRules : public ::testing::Test {
 protected:
  FlashMemory flash{platform::electron()};

  void SetUp() override { flash.fill_blank(platform::electron().flash); }

  StartVerdict verdict(const Parts& parts) {
    put_parts(flash, parts);
    return judge_start(flash, look_at_parts(flash, platform::electron()));
  }

  // Version of the bootloader that would be installed; 0 for none.
  std::uint16_t installs(const Parts& parts, std::uint16_t bootloader) {
    put_parts(flash, parts);
    put(flash, kBootloader, module(kBootloader, bootloader));
    const InstalledParts found = look_at_parts(flash, platform::electron());
    const base::Bytes image = bootloader_to_install(
        flash, platform::electron(), system_profile(found.index2.header.version), found);
    const auto header = firmware::parse_header(image, nullptr);
    return header ? header->version : std::uint16_t{0};
  }
};

// The table of mixed states that were run with released firmware: an old index 2 runs with
// everything, a new one only when both others are new.
TEST_F(BootRules, RunsAnOldIndex2WithEveryMixAndANewOneOnlyWithNewParts) {
  for (const auto& [before, after] :
       {std::pair<std::uint16_t, std::uint16_t>{110, 1512}, {21, 110}}) {
    const std::uint16_t third = before < 100 ? std::uint16_t{0} : before;
    EXPECT_EQ(verdict({before, before, third}), StartVerdict::runs);
    EXPECT_EQ(verdict({before, before, after}), StartVerdict::runs);
    EXPECT_EQ(verdict({after, before, third}), StartVerdict::runs);
    EXPECT_EQ(verdict({after, before, after}), StartVerdict::runs);
    EXPECT_EQ(verdict({before, after, third}), StartVerdict::panics);
    EXPECT_EQ(verdict({before, after, after}), StartVerdict::panics);
    EXPECT_EQ(verdict({after, after, third}), StartVerdict::panics);
    EXPECT_EQ(verdict({after, after, after}), StartVerdict::runs);
  }
}

TEST_F(BootRules, HangsWithoutIndex2AndPanicsWithoutIndex3) {
  EXPECT_EQ(verdict({110, 0, 110}), StartVerdict::hangs);
  EXPECT_EQ(verdict({110, 110, 0}), StartVerdict::panics);
  EXPECT_EQ(verdict({0, 110, 110}), StartVerdict::hangs);
}

TEST_F(BootRules, PanicsOnADamagedPart) {
  for (const ModuleId id : {kSystemPart1, kSystemPart2, kSystemPart3}) {
    put_parts(flash, {110, 110, 110});
    base::Bytes image = part(id.index, 110);
    image[3000] ^= 0x10;
    put(flash, id, image);
    EXPECT_EQ(judge_start(flash, look_at_parts(flash, platform::electron())), StartVerdict::panics)
        << int{id.index};
  }
}

TEST_F(BootRules, HangsWhenIndex2LacksItsFirstBlock) {
  put_parts(flash, {110, 110, 110});
  flash.fill_blank({0x08040000, 0x08040000 + 1024});
  EXPECT_EQ(judge_start(flash, look_at_parts(flash, platform::electron())), StartVerdict::hangs);
}

TEST_F(BootRules, InstallsTheCarriedBootloaderByTheRuleOfTheRelease) {
  EXPECT_EQ(installs({10, 10, 0}, 4), 6);
  EXPECT_EQ(installs({10, 10, 0}, 6), 0);
  EXPECT_EQ(installs({10, 10, 0}, 101), 0);
  EXPECT_EQ(installs({11, 11, 0}, 6), 7);
  EXPECT_EQ(installs({21, 21, 0}, 4), 0);
  EXPECT_EQ(installs({102, 102, 102}, 4), 0);
  EXPECT_EQ(installs({105, 105, 105}, 8), 11);
  EXPECT_EQ(installs({108, 108, 108}, 101), 0);
  EXPECT_EQ(installs({109, 109, 109}, 101), 11);
  EXPECT_EQ(installs({110, 110, 110}, 1006), 11);
  EXPECT_EQ(installs({110, 110, 110}, 11), 0);
  EXPECT_EQ(installs({207, 207, 207}, 11), 101);
  EXPECT_EQ(installs({1512, 1512, 1512}, 11), 400);
  EXPECT_EQ(installs({2008, 2008, 2008}, 400), 0);
  EXPECT_EQ(installs({2302, 2302, 2302}, 400), 1004);
  EXPECT_EQ(installs({2302, 2302, 2302}, 1006), 0);
}

// The rule is index 2's, the image index 3's.
TEST_F(BootRules, CombinesRuleAndImageInAMixedState) {
  EXPECT_EQ(installs({109, 109, 207}, 11), 101);
  EXPECT_EQ(installs({109, 109, 207}, 101), 101) << "0.6.3 does it at every start";
  EXPECT_EQ(installs({110, 110, 207}, 11), 0) << "0.6.4 keeps the old generation";
  EXPECT_EQ(installs({207, 110, 207}, 101), 0);
}

TEST_F(BootRules, InstallsTheImageThatThePartContains) {
  const base::Bytes bootloader = module(kBootloader, 999, {}, {}, 2048);
  base::Bytes carrier = module(kSystemPart3, 2302, {kSystemPart2, 110}, {}, 8192);
  std::copy(bootloader.begin(), bootloader.end(), carrier.begin() + 1234);
  firmware::seal(carrier);
  put_parts(flash, {2302, 2302, 0});
  put(flash, kSystemPart3, carrier);
  put(flash, kBootloader, module(kBootloader, 400));
  const InstalledParts parts = look_at_parts(flash, platform::electron());
  EXPECT_EQ(bootloader_to_install(flash, platform::electron(), system_profile(2302), parts),
            bootloader);
}

TEST_F(BootRules, WantsAWholeApplicationWhoseDependencyHolds) {
  put_parts(flash, {110, 110, 110});
  const auto usable = [&](const base::Bytes& image) {
    put(flash, kUserPart, image);
    return user_part_usable(flash, platform::electron(), system_profile(110),
                            look_at_parts(flash, platform::electron()));
  };
  EXPECT_TRUE(usable(user_part(110)));
  EXPECT_FALSE(usable(user_part(207)));
  EXPECT_FALSE(usable({}));
  base::Bytes damaged = user_part();
  damaged[500] ^= 1;
  EXPECT_FALSE(usable(damaged));
}

}  // namespace
}  // namespace sim
