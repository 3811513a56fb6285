// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/ports.h"

#include "serial/libserialport_port.h"

#include <gtest/gtest.h>

#ifdef __linux__
#include <cerrno>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace {

using os::PortClaim;

class Terminal : public testing::Test {
 protected:
  void SetUp() override {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (master_ < 0) GTEST_SKIP() << "no pseudo-terminals here";
    ASSERT_EQ(::grantpt(master_), 0);
    ASSERT_EQ(::unlockpt(master_), 0);
    char name[64] = {};
    ASSERT_EQ(::ptsname_r(master_, name, sizeof name), 0);
    path_ = name;
    holder_ = ::open(name, O_RDWR | O_NOCTTY);
    ASSERT_GE(holder_, 0);
  }
  void TearDown() override {
    if (holder_ >= 0) ::close(holder_);
    if (master_ >= 0) ::close(master_);
  }
  bool exclusive() const {
    int is = 0;
    EXPECT_EQ(::ioctl(holder_, TIOCGEXCL, &is), 0);
    return is != 0;
  }

  int master_ = -1;
  int holder_ = -1;  // an opening as another program's: flock() belongs to the opening
  std::string path_;
  int error_ = 0;
};

TEST_F(Terminal, IsClaimedOnce) {
  const auto first = PortClaim::take(path_, error_);
  ASSERT_TRUE(first);
  EXPECT_FALSE(PortClaim::take(path_, error_));
  EXPECT_EQ(error_, EBUSY);
}

TEST_F(Terminal, ThatAProgramHasLockedOrShutIsNotClaimed) {
  ASSERT_EQ(::flock(holder_, LOCK_EX | LOCK_NB), 0);
  EXPECT_FALSE(PortClaim::take(path_, error_));
  ASSERT_EQ(::flock(holder_, LOCK_UN), 0);
  ASSERT_EQ(::ioctl(holder_, TIOCEXCL), 0);
  EXPECT_FALSE(PortClaim::take(path_, error_));
  EXPECT_EQ(error_, EBUSY);
}

TEST_F(Terminal, IsFreeForOthersWhenTheClaimEnds) {
  {
    auto claim = PortClaim::take(path_, error_);
    ASSERT_TRUE(claim);
    claim->shut_others_out();
    EXPECT_TRUE(exclusive());
  }
  EXPECT_FALSE(exclusive());
  EXPECT_TRUE(PortClaim::take(path_, error_));
}

TEST_F(Terminal, ThatIsNotThereSaysSo) {
  EXPECT_FALSE(PortClaim::take("/dev/none", error_));
  EXPECT_EQ(error_, ENOENT);
}

// An attempt to open it is nothing that its holder notices.
TEST_F(Terminal, OfAnotherProgramKeepsItsRateAndItsBytes) {
  termios before{};
  ASSERT_EQ(::tcgetattr(holder_, &before), 0);
  ::cfmakeraw(&before);
  ::cfsetspeed(&before, B115200);
  ASSERT_EQ(::tcsetattr(holder_, TCSANOW, &before), 0);
  ASSERT_EQ(::flock(holder_, LOCK_EX | LOCK_NB), 0);
  ASSERT_EQ(::write(master_, "abc", 3), 3);
  base::RealClock clock;
  const auto opened = serial::system_ports(clock)->open(path_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Errc::busy);
  EXPECT_NE(opened.error().hint, "");
  termios after{};
  ASSERT_EQ(::tcgetattr(holder_, &after), 0);
  EXPECT_EQ(::cfgetospeed(&after), static_cast<speed_t>(B115200));
  char bytes[4] = {};
  EXPECT_EQ(::read(holder_, bytes, sizeof bytes), 3);
}

}  // namespace
#endif
