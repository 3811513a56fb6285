// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/descriptors.h"

#include "dfu/electron_bytes.h"

#include <gtest/gtest.h>

namespace dfu {
namespace {

using dfu_test::electron_configuration;

TEST(FindInterface, ReadsTheElectronsConfiguration) {
  const auto flash = find_interface(electron_configuration(), 0);
  ASSERT_TRUE(flash) << flash.error().message;
  EXPECT_EQ(flash->number, 0);
  EXPECT_EQ(flash->name_string, 6);
  EXPECT_EQ(flash->transfer_size, 4096);
  EXPECT_TRUE(flash->can_download && flash->can_upload);
  const auto dct = find_interface(electron_configuration(), 1);
  ASSERT_TRUE(dct);
  EXPECT_EQ(dct->name_string, 7);
}

TEST(FindInterface, RefusesAnAlternateSettingThatIsNotThere) {
  const auto none = find_interface(electron_configuration(), 2);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, base::Errc::protocol);
}

TEST(FindInterface, SurvivesEveryTruncation) {
  const base::Bytes whole = electron_configuration();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto found = find_interface(base::ByteView(whole).first(length), 0);
    EXPECT_FALSE(found) << length;
  }
}

TEST(FindInterface, RefusesADescriptorOfLengthNought) {
  base::Bytes bytes = electron_configuration();
  bytes[9] = 0;
  EXPECT_FALSE(find_interface(bytes, 0));
}

TEST(FindInterface, PassesOverInterfacesThatAreNotDfuMode) {
  base::Bytes bytes = electron_configuration();
  bytes[9 + 7] = 1;  // alt 0 becomes run-time DFU
  EXPECT_FALSE(find_interface(bytes, 0));
  EXPECT_TRUE(find_interface(bytes, 1));
}

TEST(FindInterface, SaysWhatTheInterfaceCannotDo) {
  base::Bytes bytes = electron_configuration();
  bytes[29] = 0x01;
  const auto found = find_interface(bytes, 0);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->can_download);
  EXPECT_FALSE(found->can_upload);
}

}  // namespace
}  // namespace dfu
