// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(Shown, HidesUserNamesAndPasswords) {
  EXPECT_EQ(shown("https://user:secret@host.example/a@b"), "https://host.example/a@b");
  EXPECT_EQ(shown("https://se@cret@host.example"), "https://host.example");
  EXPECT_EQ(shown("https://host.example/file@2.3.1.bin"), "https://host.example/file@2.3.1.bin");
  EXPECT_EQ(shown("https://host.example?mail=a@b"), "https://host.example?mail=a@b");
  EXPECT_EQ(shown("no address"), "no address");
}

}  // namespace
}  // namespace net
