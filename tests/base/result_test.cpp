// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/result.h"

#include <gtest/gtest.h>

#include <set>

namespace base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(Errc::usage, "odd", "give an even number");
  return number / 2;
}

Result<int> quarter(int number) {
  TRY_ASSIGN(const int once, half(number));
  return in_context(half(once), "the second half");
}

Result<> only_even(int number) {
  TRY(half(number));
  return {};
}

TEST(Result, PassesValuesOnAndStopsAtTheFirstError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(7).error().message, "odd");
  EXPECT_TRUE(only_even(2));
  EXPECT_FALSE(only_even(3));
}

TEST(Result, AddsTheContextBeforeTheCauseAndKeepsTheHint) {
  const auto result = quarter(6);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the second half: odd");
  EXPECT_EQ(result.error().hint, "give an even number");
  EXPECT_EQ(result.error().id, "usage");
}

TEST(ErrorNames, AreAllDifferent) {
  std::set<std::string_view> names;
  int count = 0;
  for (int code = 0; code <= static_cast<int>(Errc::unsupported); ++code, ++count) {
    names.insert(name(static_cast<Errc>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace base
