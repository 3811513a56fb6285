// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/ascii.h"

#include <gtest/gtest.h>

namespace {

TEST(Lower, ChangesTheLettersOfAsciiAlone) {
  EXPECT_EQ(base::lower("COM7 [@Z`{ \xC3\x84"), "com7 [@z`{ \xC3\x84");
  EXPECT_EQ(base::lower(""), "");
}

}  // namespace
