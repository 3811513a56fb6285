// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/traits.h"

#include <gtest/gtest.h>

namespace dfu {
namespace {

usb::DeviceInfo device(std::uint16_t vendor, std::uint16_t product, std::uint16_t bcd) {
  usb::DeviceInfo info;
  info.vendor = vendor;
  info.product = product;
  info.bcd_device = bcd;
  return info;
}

TEST(TraitsOf, KnowThatTheElectronsPollTimeoutIsDecoration) {
  EXPECT_TRUE(traits_of(device(0x2B04, 0xD00A, 0x0250), {}).poll_timeout_is_decoration);
  EXPECT_TRUE(traits_of(device(0x2B04, 0xD00A, 0x0200), {}).poll_timeout_is_decoration);
  EXPECT_TRUE(traits_of(device(0x2B04, 0xD00A, 0x0250), 11).poll_timeout_is_decoration);
  EXPECT_TRUE(traits_of(device(0x2B04, 0xD00A, 0x0250), 1006).poll_timeout_is_decoration);
}

TEST(TraitsOf, BelieveThePollTimeoutOfAnUnknownBootloader) {
  EXPECT_FALSE(traits_of(device(0x2B04, 0xD00A, 0x0300), {}).poll_timeout_is_decoration);
  EXPECT_FALSE(traits_of(device(0x0483, 0xDF11, 0x0250), {}).poll_timeout_is_decoration);
  EXPECT_FALSE(traits_of(device(0x2B04, 0xD00A, 0x0250), 2000).poll_timeout_is_decoration);
  EXPECT_FALSE(traits_of(device(0x2B04, 0xD00A, 0x0200), 11).poll_timeout_is_decoration);
}

}  // namespace
}  // namespace dfu
