// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/installed_state.h"

#include "base/checksum.h"
#include "firmware/build.h"
#include "medium/flash_image.h"

#include <gtest/gtest.h>

namespace medium {
namespace {

using platform::ModuleFunction;

// A monolithic image for the place of index 1, long enough to reach into that of index 2. Only its
// header and its checksum matter.
base::Bytes monolithic(std::uint32_t size) {
  const platform::Platform& electron = platform::electron();
  firmware::ModuleHeader header;
  header.start = electron.slot(platform::kSystemPart1)->flash.begin;
  header.end = header.start + size - 4;
  header.version = 207;
  header.platform = electron.id;
  header.id = {ModuleFunction::monolithic, 0};
  base::Bytes image(size, 0x5A);
  base::store_le32(image, 0, 0x20020000);  // a stack pointer: the header lies behind the vectors
  const auto encoded = firmware::encode(header);
  std::copy(encoded.begin(), encoded.end(), image.begin() + 0x184);
  const std::uint32_t crc = base::crc32(base::ByteView(image).first(size - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    image[size - 4 + i] = static_cast<std::uint8_t>(crc >> (24U - 8U * i));
  }
  return image;
}

plan::InstalledState state_with(const base::Bytes& image) {
  const platform::Platform& electron = platform::electron();
  FlashImage flash(electron.flash);
  flash.put_blank(electron.flash);
  flash.put(electron.slot(platform::kSystemPart1)->flash.begin, image);
  return state_from_image(electron, flash);
}

TEST(StateFromImage, FindsMonolithicFirmwareOverSeveralPlaces) {
  const plan::InstalledState state = state_with(monolithic(200U * 1024U));
  ASSERT_NE(state.monolithic(), nullptr);
  EXPECT_TRUE(state.monolithic()->valid());
  EXPECT_EQ(state.monolithic()->version(), 207);
  EXPECT_EQ(state.find(platform::kSystemPart1), nullptr) << "it is covered";
  EXPECT_EQ(state.find(platform::kSystemPart2), nullptr) << "its middle is no module";
  ASSERT_NE(state.find(platform::kSystemPart3), nullptr);
  EXPECT_TRUE(state.find(platform::kSystemPart3)->blank());
}

TEST(StateFromImage, SaysThatMonolithicFirmwareIsCorrupt) {
  base::Bytes image = monolithic(200U * 1024U);
  image[150000] ^= 1U;
  const plan::InstalledState state = state_with(image);
  ASSERT_NE(state.monolithic(), nullptr);
  EXPECT_FALSE(state.monolithic()->valid());
}

}  // namespace
}  // namespace medium
