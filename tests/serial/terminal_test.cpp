// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/terminal.h"

#include <gtest/gtest.h>

#ifdef __linux__
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#endif

namespace {

#ifdef __linux__
// flock() belongs to the opening, so two openings in one process are like two programs.
TEST(ClaimTerminal, RefusesWhatAnotherHas) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) GTEST_SKIP() << "no pseudo-terminals here";
  ASSERT_EQ(::grantpt(master), 0);
  ASSERT_EQ(::unlockpt(master), 0);
  char name[64] = {};
  ASSERT_EQ(::ptsname_r(master, name, sizeof name), 0);
  const int first = ::open(name, O_RDWR | O_NOCTTY);
  const int second = ::open(name, O_RDWR | O_NOCTTY);
  ASSERT_GE(first, 0);
  ASSERT_GE(second, 0);
  EXPECT_TRUE(serial::claim_terminal(first));
  EXPECT_FALSE(serial::claim_terminal(second));
  ::close(first);
  ::close(second);
  ::close(master);
}
#endif

}  // namespace
