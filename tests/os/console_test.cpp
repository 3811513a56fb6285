// SPDX-License-Identifier: GPL-3.0-or-later
//
// Questions and signals, in a process of their own at the end of a pseudo-terminal.
#include "os/console.h"

#include <gtest/gtest.h>

#ifdef __linux__
#include <atomic>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

std::atomic<bool> stopped{false};
bool take_stop() { return !stopped.exchange(true); }

// What the child ends with: read_line() gave a line, or none.
constexpr int kLine = 10;
constexpr int kNone = 11;

class Question : public testing::Test {
 protected:
  void SetUp() override {
    stopped = false;
    child_ = ::forkpty(&master_, nullptr, nullptr, nullptr);
    if (child_ < 0) GTEST_SKIP() << "no pseudo-terminals here";
    if (child_ == 0) ::_exit(ask());
  }
  void TearDown() override {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (master_ >= 0) ::close(master_);
  }
  static int ask() {
    const os::StopSignals signals(take_stop);
    if (::write(STDOUT_FILENO, "?", 1) != 1) return 1;
    const auto line = os::read_line([] { return stopped.load(); });
    if (!line) return kNone;
    return *line == "yes" ? kLine : 1;
  }
  void await_question() {
    char c = 0;
    while (c != '?') ASSERT_EQ(::read(master_, &c, 1), 1);
  }
  void type(const std::string& keys) {
    ASSERT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  // Its exit code; -1 when it was ended by a signal.
  int end() {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  pid_t child_ = -1;
  int master_ = -1;
};

TEST_F(Question, IsAnsweredByALine) {
  await_question();
  type("yes\n");
  EXPECT_EQ(end(), kLine);
}

TEST_F(Question, EndsAtOnceWithCtrlC) {
  await_question();
  type("\x03");
  EXPECT_EQ(end(), kNone);
}

TEST_F(Question, EndsAtOnceWhenTheProcessIsAskedToEnd) {
  await_question();
  ASSERT_EQ(::kill(child_, SIGTERM), 0);
  EXPECT_EQ(end(), kNone);
}

TEST_F(Question, EndsWithTheInput) {
  await_question();
  type("\x04");
  EXPECT_EQ(end(), kNone);
}

TEST(StopSignals, LeaveAloneWhatWasIgnoredBefore) {
  std::signal(SIGHUP, SIG_IGN);
  {
    const os::StopSignals signals(take_stop);
    struct sigaction now {};
    ASSERT_EQ(::sigaction(SIGHUP, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_IGN);
    ASSERT_EQ(::sigaction(SIGTERM, nullptr, &now), 0);
    EXPECT_NE(now.sa_handler, SIG_DFL);
  }
  struct sigaction now {};
  ASSERT_EQ(::sigaction(SIGTERM, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
  std::signal(SIGHUP, SIG_DFL);
}

}  // namespace
#endif
