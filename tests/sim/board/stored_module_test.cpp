// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/stored_module.h"

#include "sim/firmware_bench.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;

class StoredModules : public ::testing::Test {
 protected:
  FlashMemory flash{platform::electron()};
  const platform::Slot& slot = *platform::electron().slot(kSystemPart2);

  void SetUp() override { flash.fill_blank(platform::electron().flash); }
};

TEST_F(StoredModules, AreWholeOrNot) {
  put(flash, kSystemPart2, part(2, 110));
  const StoredModule module = look_at(flash, slot.flash);
  EXPECT_TRUE(module.whole());
  EXPECT_EQ(module.header.version, 110);

  base::Bytes damaged = part(2, 110);
  damaged.back() ^= 1;
  put(flash, kSystemPart2, damaged);
  EXPECT_TRUE(look_at(flash, slot.flash).header_valid);
  EXPECT_FALSE(look_at(flash, slot.flash).whole());
}

TEST_F(StoredModules, AreNotInTheirStoreUnderAnotherAddress) {
  put(flash, kSystemPart2, part(1, 110));
  const StoredModule module = look_at(flash, slot.flash);
  EXPECT_TRUE(module.header_valid);
  EXPECT_FALSE(module.in_store);
}

TEST_F(StoredModules, AreNoneInBlankFlashThatHasTheLargestVersion) {
  EXPECT_FALSE(look_at(flash, slot.flash).header_valid);
  EXPECT_EQ(version_at(flash, platform::electron(), kSystemPart2), 0xFFFF);
  EXPECT_FALSE(version_at(flash, platform::electron(), {platform::ModuleFunction::settings, 1}));
}

TEST_F(StoredModules, HoldABootloaderImageAtAnyEvenOffset) {
  const base::Bytes bootloader = module(kBootloader, 301, {}, {}, 2048);
  for (const std::ptrdiff_t offset : {0, 1000, 68138}) {
    base::Bytes part(100'000, 0x55);
    std::copy(bootloader.begin(), bootloader.end(), part.begin() + offset);
    const base::ByteView found = find_bootloader_image(part, platform::electron());
    EXPECT_TRUE(std::equal(bootloader.begin(), bootloader.end(), found.begin(), found.end()));
    part[static_cast<std::size_t>(offset) + 1500] ^= 1;
    EXPECT_TRUE(find_bootloader_image(part, platform::electron()).empty()) << "wrong CRC";
  }
}

TEST_F(StoredModules, HoldNoBootloaderImageThatIsCutOff) {
  base::Bytes bootloader = module(kBootloader, 301, {}, {}, 2048);
  bootloader.resize(1024);
  EXPECT_TRUE(find_bootloader_image(bootloader, platform::electron()).empty());
  EXPECT_TRUE(find_bootloader_image({}, platform::electron()).empty());
}

}  // namespace
}  // namespace sim
