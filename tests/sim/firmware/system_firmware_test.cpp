// SPDX-License-Identifier: GPL-3.0-or-later
//
// The system firmware between two resets: start, touches by line coding, button, SIM card.
#include "sim/firmware/system_firmware.h"

#include "sim/board/dct.h"
#include "sim/firmware_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Kind = ControlReply::Kind;

class System : public ::testing::Test {
 protected:
  Bench bench;

  void run(std::uint16_t version, std::uint16_t bootloader) {
    put_release(bench.flash(), version, bootloader);
    bench.start();
    bench.configure();
  }

  bool listens() const { return bench.program->led().colour == "blue"; }

  std::string version_string() { return bench.ask("v", 100ms); }
};

TEST_F(System, PullsUpAfterTheTimeOfItsRelease) {
  for (const auto& [version, bootloader, time] :
       {std::tuple<std::uint16_t, std::uint16_t, base::Micros>{10, 6, 1754ms},
        {21, 6, 50ms},
        {110, 11, 52ms},
        {1512, 400, 64ms},
        {2302, 1004, 14ms}}) {
    put_release(bench.flash(), version, bootloader);
    for (const std::size_t sector : {0U, 5U, 6U, 7U}) bench.flash().protect_at_once(sector, true);
    const base::Instant begin = bench.hardware.now();
    bench.start();
    EXPECT_TRUE(bench.hardware.attached);
    EXPECT_EQ(bench.hardware.attached_at - begin, time) << version;
  }
}

TEST_F(System, TakesLongerTheFirstTime) {
  put_release(bench.flash(), 110, 11);
  bench.flash().fill_blank({0x0800C000, 0x08010000});
  const base::Instant begin = bench.hardware.now();
  bench.start();
  EXPECT_GT(bench.hardware.attached_at - begin, 3s);
  const base::Instant again = bench.hardware.now();
  bench.start();
  EXPECT_LT(bench.hardware.attached_at - again, 1s);
}

TEST_F(System, ProtectsTheSystemPartsAtEveryStart) {
  run(110, 11);
  for (const std::size_t sector : {std::size_t{5}, std::size_t{6}, std::size_t{7}}) {
    EXPECT_TRUE(bench.flash().write_protected(sector)) << sector;
  }
  EXPECT_FALSE(bench.flash().write_protected(8));
  EXPECT_FALSE(bench.flash().write_protected(10));
  EXPECT_TRUE(bench.flash().write_protected(0)) << "0.4.9 to 0.9.0 protect the bootloader, too";
  Bench later;
  put_release(later.flash(), 2302, 1004);
  later.start();
  EXPECT_FALSE(later.flash().write_protected(0));
}

TEST_F(System, ClearsTheWatchdogFlagAndResetsOnceMore) {
  put_release(bench.flash(), 110, 11);
  SystemFlags flags;
  flags.watchdog = SystemFlags::kArmWatchdog;
  save_flags(bench.hardware, FlagStore::dct, flags);
  bench.start();
  EXPECT_TRUE(bench.was_reset());
  EXPECT_FALSE(bench.hardware.attached);
  bench.start();
  EXPECT_FALSE(bench.was_reset());
  EXPECT_TRUE(bench.hardware.attached);
}

TEST_F(System, ShowsAFalseDeviceBeforeThatResetIn060) {
  put_release(bench.flash(), 102, 6);
  SystemFlags flags;
  flags.watchdog = SystemFlags::kArmWatchdog;
  save_flags(bench.hardware, FlagStore::dct, flags);
  bench.start();
  EXPECT_TRUE(bench.hardware.attached);
  EXPECT_EQ(bench.control(0x80, 0x06, 0x0200, 0, 255).data.size(), 18U);
  EXPECT_TRUE(bench.until_reset(1s));
  bench.start();
  EXPECT_FALSE(bench.was_reset());
  EXPECT_EQ(bench.control(0x80, 0x06, 0x0200, 0, 255).data.size(), 84U);
}

TEST_F(System, ReplacesTheBootloaderAndResetsUpTo064) {
  put_release(bench.flash(), 110, 1006);
  bench.start();
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(version_at(bench.flash(), platform::electron(), kBootloader), 11);
  bench.start();
  EXPECT_FALSE(bench.was_reset());
}

TEST_F(System, ReplacesTheBootloaderAndGoesOnSince070) {
  for (const auto& [version, carried] :
       {std::pair<std::uint16_t, std::uint16_t>{207, 101}, {1512, 400}, {2302, 1004}}) {
    put_release(bench.flash(), version, 11);
    bench.start();
    EXPECT_FALSE(bench.was_reset());
    EXPECT_EQ(version_at(bench.flash(), platform::electron(), kBootloader), carried);
  }
}

TEST_F(System, ResetsForEverWith063BesideTheIndex3Of070) {
  put_release(bench.flash(), 109, 11);
  put(bench.flash(), kSystemPart3, part(3, 207));
  for (int i = 0; i < 5; ++i) {
    bench.start();
    EXPECT_TRUE(bench.was_reset());
    EXPECT_FALSE(bench.hardware.attached);
    EXPECT_EQ(version_at(bench.flash(), platform::electron(), kBootloader), 101);
  }
}

TEST_F(System, HangsOrPanicsInsteadOfStarting) {
  put_release(bench.flash(), 110, 11);
  put(bench.flash(), kSystemPart2, {});
  bench.start();
  EXPECT_FALSE(bench.until_reset(60s));
  EXPECT_EQ(bench.hardware.feeds, 0);

  put_release(bench.flash(), 110, 11);
  put(bench.flash(), kSystemPart3, {});
  bench.start();
  EXPECT_EQ(bench.program->led(), (Led{"red", "SOS"}));
  EXPECT_EQ(bench.until_reset(60s), 10'350ms);
  EXPECT_GE(bench.hardware.feeds, 10);
  EXPECT_FALSE(bench.hardware.attached);
}

TEST_F(System, GoesToDfuAMillisecondAfterThe14400Touch) {
  for (const auto& [version, bootloader] :
       {std::pair<std::uint16_t, std::uint16_t>{21, 6}, {110, 11}, {2302, 1004}}) {
    run(version, bootloader);
    EXPECT_EQ(bench.set_rate(14400).kind, Kind::gone);
    EXPECT_EQ(bench.until_reset(1s), 1ms);
    EXPECT_EQ(bench.hardware.backup().dr1, 0xEDFA);
    EXPECT_EQ(bench.hardware.reset_cause, ResetCause::software);
  }
}

TEST_F(System, Ignores14400WhereTheApplicationHasChangedTheSpeed) {
  bench.options.dfu_touch = false;
  run(1512, 400);
  EXPECT_EQ(bench.set_rate(14400).kind, Kind::done);
  bench.advance(1s);
  EXPECT_FALSE(bench.was_reset());
}

TEST_F(System, Ignores14400InTheFirstSecondUpTo049) {
  run(10, 6);
  bench.advance(937ms);
  EXPECT_EQ(bench.set_rate(14400).kind, Kind::done);
  bench.advance(200ms);
  EXPECT_FALSE(bench.was_reset());
  EXPECT_EQ(bench.set_rate(14400).kind, Kind::gone);
}

TEST_F(System, Ignores28800In048) {
  run(10, 6);
  bench.advance(2s);
  EXPECT_EQ(bench.set_rate(28800).kind, Kind::done);
  EXPECT_EQ(bench.ask(std::string("\x01", 1), 400s), "");
  EXPECT_FALSE(listens());
  bench.hold_mode(3100ms);
  EXPECT_THAT(version_string(), HasSubstr("system firmware"));
}

TEST_F(System, Keeps28800BehindTheConnectionAttemptIn05x) {
  run(21, 6);
  bench.set_rate(28800);
  bench.advance(303s);
  EXPECT_FALSE(listens());
  bench.advance(2s);
  EXPECT_TRUE(listens());
}

TEST_F(System, ListensAtOnceByTheButtonIn05xUnless28800CameFirst) {
  run(21, 6);
  bench.hold_mode(3100ms);
  EXPECT_TRUE(listens());
  run(21, 6);
  bench.set_rate(28800);
  bench.hold_mode(3100ms);
  EXPECT_FALSE(listens());
  bench.advance(400s);
  EXPECT_FALSE(listens()) << "the button took the wish back";
  bench.hold_mode(3100ms);
  EXPECT_TRUE(listens());
}

TEST_F(System, LosesA28800ThatComesTooEarlyIn064) {
  run(110, 11);
  bench.advance(500ms);
  EXPECT_EQ(bench.set_rate(28800).kind, Kind::done);
  bench.advance(10s);
  EXPECT_FALSE(listens());
  bench.set_rate(9600);
  bench.set_rate(28800);
  bench.advance(200ms);
  EXPECT_TRUE(listens());
}

TEST_F(System, TakesA28800AtOnceIn231) {
  run(2302, 1004);
  bench.set_rate(28800);
  bench.advance(200ms);
  EXPECT_TRUE(listens());
  EXPECT_THAT(version_string(), HasSubstr("2.3.1"));
}

TEST_F(System, RefusesOrSwallowsOutputBeforeListening) {
  run(21, 6);
  EXPECT_TRUE(bench.write("v"));
  EXPECT_EQ(bench.read(), "");
  run(110, 11);
  bench.advance(400s);
  EXPECT_FALSE(bench.write("v"));
}

TEST_F(System, ListensByItselfWithoutASimCard) {
  bench.options.sim_card = false;
  for (const auto& [version, bootloader, after] :
       {std::tuple<std::uint16_t, std::uint16_t, base::Micros>{21, 6, 14s},
        {10, 6, 17s},
        {110, 11, 26s},
        {2302, 1004, 28s}}) {
    run(version, bootloader);
    bench.advance(after - 1s);
    EXPECT_FALSE(listens()) << version;
    bench.advance(2s);
    EXPECT_TRUE(listens()) << version;
    EXPECT_THAT(version_string(), HasSubstr("system firmware"));
  }
}

TEST_F(System, LeavesListeningByTheButton) {
  run(110, 11);
  bench.advance(1s);
  bench.hold_mode(2900ms);
  EXPECT_FALSE(listens());
  bench.hold_mode(3100ms);
  EXPECT_TRUE(listens());
  bench.hold_mode(3100ms);
  EXPECT_FALSE(listens());
}

TEST_F(System, BlinksGreenUntilTheNetworkIsFound) {
  run(110, 11);
  bench.advance(60s);
  EXPECT_EQ(bench.program->led(), (Led{"green", "blinking"}));
  bench.options.network = true;
  run(110, 11);
  bench.advance(60s);
  EXPECT_EQ(bench.program->led(), (Led{"cyan", "breathing"}));
}

TEST_F(System, IsInSafeModeWithoutAnApplicationThatCanRun) {
  run(110, 11);
  put(bench.flash(), kUserPart, {});
  bench.start();
  EXPECT_EQ(bench.program->led(), (Led{"magenta", "breathing"}));
  put(bench.flash(), kUserPart, user_part(207));
  bench.start();
  EXPECT_EQ(bench.program->led(), (Led{"magenta", "breathing"}));
  put(bench.flash(), kUserPart, user_part(110));
  bench.start();
  EXPECT_EQ(bench.program->led(), (Led{"green", "blinking"}));
}

TEST_F(System, IsInSafeModeOnceWhenAskedTo) {
  put_release(bench.flash(), 110, 11);
  SystemFlags flags;
  flags.startup_mode = SystemFlags::kSafeMode;
  save_flags(bench.hardware, FlagStore::dct, flags);
  bench.start();
  EXPECT_EQ(bench.program->led(), (Led{"magenta", "breathing"}));
  bench.start();
  EXPECT_EQ(bench.program->led(), (Led{"green", "blinking"}));
}

TEST_F(System, AsksForTheFactoryApplicationIfItsOwnIsGone) {
  put_release(bench.flash(), 110, 11);
  put(bench.flash(), kUserPart, {});
  bench.flash().load(0x080A0000, user_part());
  bench.start();
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(load_flags(bench.hardware, FlagStore::dct).factory_reset, SystemFlags::kFactoryReset);
}

// Identity by index 3, console by index 2.
TEST_F(System, MixesTheIdentityOfIndex3WithTheConsoleOfIndex2) {
  put_release(bench.flash(), 110, 11);
  put(bench.flash(), kSystemPart3, part(3, 207));
  bench.listen();
  const ControlReply serial = bench.control(0x80, 0x06, 0x0303, 0x0409, 255);
  ASSERT_GT(serial.data.size(), 4U);
  EXPECT_EQ(serial.data[4], 'b');
  EXPECT_THAT(bench.ask("v"), HasSubstr("0.6.4"));
}

}  // namespace
}  // namespace sim
