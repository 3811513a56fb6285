// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/port_locks.h"

#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#ifndef _WIN32
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <cstdlib>
#include <fstream>
#include <functional>

namespace discovery {
namespace {

using testing::HasSubstr;

const usb::PortPath kHere{1, {2, 4}};
const usb::PortPath kNeighbour{1, {2, 5}};

struct PortLocksTest : testing::Test {
  PortLocksTest() {
    std::string name = testing::TempDir() + "locksXXXXXX";
    folder = ::mkdtemp(name.data());
    // As /run/lock is.
    ::chmod(folder.c_str(), 01777);
    locks = make_port_locks(folder);
  }
  ~PortLocksTest() override {
    for (const auto& name : base::list_names(folder).value_or(std::vector<std::string>())) {
      ::unlink(base::join(folder, name).c_str());
    }
    ::rmdir(folder.c_str());
  }
  std::string file() const { return base::join(folder, "electron-rescue.1-2.4.lock"); }

  std::string folder;
  std::unique_ptr<PortLocks> locks;
};

// Does it in a process of its own, as another user where `user` is not 0; what it returns is true.
bool in_another_process(const std::function<bool()>& work, uid_t user = 0) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (user != 0 && (::setgid(user) != 0 || ::setuid(user) != 0)) ::_exit(2);
    ::_exit(work() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(PortLocksTest, TellTheSecondWhoHasThePort) {
  const auto first = locks->take(kHere, "flash");
  ASSERT_TRUE(first);
  const auto second = make_port_locks(folder)->take(kHere, "backup");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Errc::busy);
  EXPECT_EQ(second.error().id, "port-in-use");
  EXPECT_THAT(second.error().message, HasSubstr("usb:1-2.4"));
  EXPECT_THAT(second.error().message, HasSubstr("electron-rescue flash"));
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
  EXPECT_EQ(locks->holder(kHere), "electron-rescue flash, process " + std::to_string(::getpid()));
}

TEST_F(PortLocksTest, KeepAnotherProcessOut) {
  const auto first = locks->take(kHere, "flash");
  ASSERT_TRUE(first);
  EXPECT_TRUE(in_another_process([this] { return !make_port_locks(folder)->take(kHere, "plan"); }));
}

TEST_F(PortLocksTest, LeaveANeighbourAlone) {
  const auto here = locks->take(kHere, "flash");
  EXPECT_TRUE(here);
  EXPECT_TRUE(locks->take(kNeighbour, "flash"));
  EXPECT_EQ(locks->holder(kNeighbour), std::nullopt);
}

TEST_F(PortLocksTest, AreFreeAfterwardsAndLeaveNothingBehind) {
  {
    const auto first = locks->take(kHere, "flash");
    ASSERT_TRUE(first);
  }
  EXPECT_EQ(locks->holder(kHere), std::nullopt);
  EXPECT_TRUE(base::list_names(folder)->empty());
  EXPECT_TRUE(locks->take(kHere, "flash"));
}

TEST_F(PortLocksTest, AreFreeAfterTheirProcessWasKilled) {
  ASSERT_TRUE(in_another_process([this]() -> bool {
    const auto held = locks->take(kHere, "flash");
    ::_exit(held ? 0 : 1);  // no destructor, as by a kill
  }));
  ASSERT_TRUE(base::exists(file()));
  EXPECT_EQ(locks->holder(kHere), std::nullopt);
  EXPECT_TRUE(locks->take(kHere, "flash"));
}

TEST_F(PortLocksTest, HoldBetweenRootAndAnOrdinaryUserEitherWay) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root";
  constexpr uid_t kNobody = 65534;
  const auto taken = [this] { return make_port_locks(folder)->take(kHere, "flash").has_value(); };
  {
    const auto by_root = locks->take(kHere, "flash");
    ASSERT_TRUE(by_root);
    EXPECT_FALSE(in_another_process(taken, kNobody));
  }
  EXPECT_TRUE(in_another_process(taken, kNobody));
  // A file that an ordinary user's killed job has left.
  ASSERT_TRUE(in_another_process(
      [this]() -> bool {
        const auto held = locks->take(kHere, "flash");
        ::_exit(held ? 0 : 1);
      },
      kNobody));
  struct stat before {};
  ASSERT_EQ(::stat(file().c_str(), &before), 0);
  const auto by_root = locks->take(kHere, "flash");
  ASSERT_TRUE(by_root);
  struct stat now {};
  ASSERT_EQ(::stat(file().c_str(), &now), 0);
  EXPECT_EQ(now.st_uid, before.st_uid);
  EXPECT_EQ(now.st_mode, before.st_mode);
  EXPECT_FALSE(in_another_process(taken, kNobody));
}

TEST_F(PortLocksTest, ChangeNothingOfAFileThatWasThere) {
  { std::ofstream(file()) << "somebody's\n"; }
  ::chmod(file().c_str(), 0640);
  const auto held = locks->take(kHere, "flash");
  ASSERT_TRUE(held);
  struct stat about {};
  ASSERT_EQ(::stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0640U);
}

TEST_F(PortLocksTest, FollowNoLinkAndStillLetTheJobRun) {
  const std::string target = base::join(folder, "precious");
  { std::ofstream(target) << "content"; }
  ASSERT_EQ(::symlink(target.c_str(), file().c_str()), 0);
  const auto held = locks->take(kHere, "flash");
  EXPECT_TRUE(held);
  EXPECT_EQ(base::as_text(*base::read_file(target, 100)), "content");
}

TEST_F(PortLocksTest, LetAJobRunWhereThereIsNoPlaceForALock) {
  const auto locks_nowhere = make_port_locks(base::join(folder, "none"));
  EXPECT_TRUE(locks_nowhere->take(kHere, "flash"));
  EXPECT_EQ(locks_nowhere->holder(kHere), std::nullopt);
}

}  // namespace
}  // namespace discovery
