// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/device_info.h"

#include <gtest/gtest.h>

namespace usb {
namespace {

TEST(PortPath, IsWrittenAsPeopleTypeIt) {
  EXPECT_EQ(to_string({.bus = 1, .ports = {2, 4}}), "usb:1-2.4");
  EXPECT_EQ(to_string({.bus = 12, .ports = {1}}), "usb:12-1");
}

TEST(PortPath, IsReadWithAndWithoutItsPrefix) {
  PortPath path;
  ASSERT_TRUE(parse_port_path("usb:1-2.4", path));
  EXPECT_EQ(path, (PortPath{.bus = 1, .ports = {2, 4}}));
  ASSERT_TRUE(parse_port_path("3-11", path));
  EXPECT_EQ(path, (PortPath{.bus = 3, .ports = {11}}));
}

TEST(PortPath, RefusesWhatIsNoPortPathAndKeepsTheOldOne) {
  PortPath path{.bus = 9, .ports = {9}};
  for (const char* text : {"", "usb:", "1", "1-", "-1", "1-2.", "1-.2", "1-2..3", "1-300", "a-1",
                           "1-2x", "usb:usb:1-2", "-1-2", " 1-2"}) {
    EXPECT_FALSE(parse_port_path(text, path)) << text;
  }
  EXPECT_EQ(path, (PortPath{.bus = 9, .ports = {9}}));
}

TEST(PortPath, OrdersByBusAndThenByPort) {
  EXPECT_LT((PortPath{.bus = 1, .ports = {2, 4}}), (PortPath{.bus = 1, .ports = {3}}));
  EXPECT_LT((PortPath{.bus = 1, .ports = {9}}), (PortPath{.bus = 2, .ports = {1}}));
}

}  // namespace
}  // namespace usb
