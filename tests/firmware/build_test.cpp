// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/build.h"

#include "firmware/check.h"
#include "firmware/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firmware {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const platform::Platform& kElectron = platform::electron();

TEST(BuildModule, RoundsTheSizeUpToFour) {
  EXPECT_THAT(build({.id = platform::kSystemPart3, .size = 1021}, kElectron), SizeIs(1024));
}

TEST(BuildModule, RaisesASizeThatIsTooSmall) {
  for (const platform::Slot& slot : kElectron.slots) {
    const base::Bytes file = build({.id = slot.module, .size = 0}, kElectron);
    EXPECT_THAT(parse(file).problems, IsEmpty()) << describe(slot.module);
    EXPECT_LT(file.size(), 500U);
  }
}

TEST(BuildModule, IsTheSameForTheSameRequest) {
  const BuildRequest request{.id = platform::kSystemPart1, .version = 7, .size = 900, .seed = 3};
  EXPECT_EQ(build(request, kElectron), build(request, kElectron));
}

TEST(BuildModule, DiffersWithTheSeed) {
  EXPECT_NE(build({.id = platform::kSystemPart1, .seed = 1}, kElectron),
            build({.id = platform::kSystemPart1, .seed = 2}, kElectron));
}

TEST(BuildModule, PutsAnEntryPointIntoTheModuleItself) {
  for (const platform::ModuleId id :
       {platform::kBootloader, platform::kSystemPart1, platform::kSystemPart2}) {
    const base::Bytes file = build({.id = id}, kElectron);
    const std::uint32_t reset = base::load_le32(file, 4);
    EXPECT_EQ(reset & 1U, 1U) << "Thumb bit";
    EXPECT_TRUE(kElectron.slot(id)->flash.contains(reset));
  }
}

TEST(BuildModule, PutsTheBootloaderVersionWhereThePlatformLooksForIt) {
  const base::Bytes file = build({.id = platform::kBootloader, .version = 1006}, kElectron);
  const std::uint32_t at =
      kElectron.bootloader_version_address - kElectron.slot(platform::kBootloader)->flash.begin;
  EXPECT_EQ(base::load_le16(file, at), 1006);
}

TEST(BuildModule, GivesNothingForAModuleWithoutASlot) {
  EXPECT_THAT(build({.id = {platform::ModuleFunction::system_part, 9}}, kElectron), IsEmpty());
}

TEST(EncodeHeader, IsTheReverseOfParsing) {
  ModuleHeader header;
  header.start = 0x08060000;
  header.end = 0x08061234;
  header.reserved = 1;
  header.flags = 4;
  header.version = 0x1234;
  header.platform = 10;
  header.id = platform::kSystemPart3;
  header.dependency1 = {platform::kSystemPart2, 110};
  header.dependency2 = {platform::kBootloader, 0x4321};
  const auto bytes = encode(header);
  EXPECT_EQ(parse_header(bytes, nullptr), header);
}

TEST(SealModule, LeavesAnImageAloneWhoseHeaderDoesNotFit) {
  base::Bytes image = build({.id = platform::kSystemPart3}, kElectron);
  for (const std::uint32_t end : {0U, 0x08060000U, 0x08060010U, 0x08070000U, 0xFFFFFFFFU}) {
    base::store_le32(image, 4, end);
    const base::Bytes before = image;
    seal(image);
    EXPECT_EQ(image, before) << base::hex32(end);
  }
}

}  // namespace
}  // namespace firmware
