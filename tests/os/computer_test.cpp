// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/computer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

TEST(Computer, KnowsWhatItWasStartedWith) {
  std::string words[] = {"program", "list", "--device", "J\xC3\xBCrgen"};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  EXPECT_THAT(os::arguments(4, argv), testing::ElementsAre("list", "--device", words[3]));
  EXPECT_THAT(os::arguments(0, argv), testing::IsEmpty());
}

// Groups decide about devices on systems of the Unix kind only.
#ifndef _WIN32
TEST(Computer, TellsWhatTheUserIsOfAGroup) {
  EXPECT_EQ(os::membership("no-such-group-here"), os::Membership::no_such_group);
  if (!os::is_administrator()) GTEST_SKIP() << "which groups this user is in is not known";
  EXPECT_EQ(os::membership("root"), os::Membership::now);
}

#endif

TEST(Computer, RunsAProgramAndTellsHowItEnded) {
#ifdef _WIN32
  EXPECT_TRUE(os::run_program({"cmd", "/c", "exit", "0"}));
  EXPECT_FALSE(os::run_program({"cmd", "/c", "exit", "1"}));
#else
  EXPECT_TRUE(os::run_program({"true"}));
  EXPECT_FALSE(os::run_program({"false"}));
#endif
  EXPECT_FALSE(os::run_program({"no-such-program-here"}));
}

TEST(Computer, KnowsWhetherAProgramRuns) {
  EXPECT_TRUE(os::process_is_running("os_test"));
  EXPECT_FALSE(os::process_is_running("no-such-program"));
}

}  // namespace
