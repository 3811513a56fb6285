// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/flash_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medium {
namespace {

using base::AddressRange;
using testing::ElementsAre;

constexpr AddressRange kBounds{100, 200};

TEST(FlashImage, KnowsNothingAtFirst) {
  const FlashImage image(kBounds);
  EXPECT_FALSE(image.has({100, 101}));
  EXPECT_THAT(image.missing({110, 120}), ElementsAre(AddressRange{110, 120}));
}

TEST(FlashImage, GivesBackWhatWasPut) {
  FlashImage image(kBounds);
  image.put(110, base::Bytes{1, 2, 3});
  ASSERT_TRUE(image.has({110, 113}));
  EXPECT_THAT(image.view({111, 113}), ElementsAre(2, 3));
  EXPECT_FALSE(image.has({110, 114}));
}

TEST(FlashImage, JoinsWhatTouchesOrOverlaps) {
  FlashImage image(kBounds);
  image.put(110, base::Bytes(10, 1));
  image.put(130, base::Bytes(10, 2));
  image.put(120, base::Bytes(12, 3));
  EXPECT_TRUE(image.has({110, 140}));
  EXPECT_EQ(image.view({131, 132})[0], 3);
  EXPECT_EQ(image.view({132, 133})[0], 2);
}

TEST(FlashImage, NamesTheGaps) {
  FlashImage image(kBounds);
  image.put(110, base::Bytes(10, 1));
  image.put(130, base::Bytes(10, 2));
  EXPECT_THAT(image.missing({105, 150}),
              ElementsAre(AddressRange{105, 110}, AddressRange{120, 130}, AddressRange{140, 150}));
  EXPECT_THAT(image.missing({112, 118}), ElementsAre());
}

TEST(FlashImage, ForgetsTheMiddle) {
  FlashImage image(kBounds);
  image.put(110, base::Bytes(30, 1));
  image.forget({120, 125});
  EXPECT_TRUE(image.has({110, 120}));
  EXPECT_FALSE(image.has({119, 121}));
  EXPECT_TRUE(image.has({125, 140}));
}

TEST(FlashImage, BlankIsKnown) {
  FlashImage image(kBounds);
  image.put_blank({150, 160});
  ASSERT_TRUE(image.has({150, 160}));
  EXPECT_TRUE(base::is_blank(image.view({150, 160})));
}

TEST(FlashImage, DropsWhatLiesOutside) {
  FlashImage image(kBounds);
  image.put(90, base::Bytes(20, 7));
  EXPECT_TRUE(image.has({100, 110}));
  image.put(195, base::Bytes(20, 7));
  EXPECT_TRUE(image.has({195, 200}));
  image.put(300, base::Bytes(20, 7));
  EXPECT_FALSE(image.has({300, 301}));
  image.put(0xFFFFFFF0U, base::Bytes(0x20, 7));
  EXPECT_FALSE(image.has({110, 111}));
}

}  // namespace
}  // namespace medium
