// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/nearest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace base {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Slips, CountsLettersTooManyTooFewOthersAndSwaps) {
  EXPECT_EQ(slips("flash", "flash"), 0U);
  EXPECT_EQ(slips("flsh", "flash"), 1U);
  EXPECT_EQ(slips("flaash", "flash"), 1U);
  EXPECT_EQ(slips("flosh", "flash"), 1U);
  EXPECT_EQ(slips("falsh", "flash"), 1U);
  EXPECT_EQ(slips("", "abc"), 3U);
  EXPECT_EQ(slips("plan", "list"), 4U);
}

TEST(Nearest, GivesTheNearestFirstAndNothingFarAway) {
  const std::vector<std::string> words{"flash", "list", "plan", "verify", "wait"};
  EXPECT_THAT(nearest("flahs", words, 3), ElementsAre("flash"));
  EXPECT_THAT(nearest("lst", words, 3), ElementsAre("list"));
  EXPECT_THAT(nearest("banana", words, 3), IsEmpty());
  EXPECT_THAT(nearest("2.3.2", {"2.3.1", "2.3.0", "2.2.0", "1.5.0"}, 2),
              ElementsAre("2.3.1", "2.3.0"));
  EXPECT_THAT(nearest(std::string(1000, 'a'), words, 3), IsEmpty());
}

TEST(OneOf, ReadsAsAList) {
  EXPECT_EQ(one_of({}), "");
  EXPECT_EQ(one_of({"a"}), "a");
  EXPECT_EQ(one_of({"a", "b"}), "a or b");
  EXPECT_EQ(one_of({"a", "b", "c"}), "a, b or c");
}

}  // namespace
}  // namespace base
