// SPDX-License-Identifier: GPL-3.0-or-later
//
// Transcripts of the listening console, release by release.
#include "sim/firmware/console.h"

#include "sim/firmware_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kIdentity =
    "Device ID: 2b0036000a47333534393338\r\nIMEI: 353162070000019\r\n"
    "ICCID: 89314404000000000123\r\n";

struct Release {
  std::uint16_t version;
  std::uint16_t bootloader;
};

void listen_as(Bench& bench, Release release) {
  put_release(bench.flash(), release.version, release.bootloader);
  bench.listen();
}

TEST(Console, TellsTheVersionOfEveryRelease) {
  for (const auto& [release, name] : {std::pair<Release, const char*>{{21, 6}, "0.5.3"},
                                      {{102, 6}, "0.6.0"},
                                      {{110, 11}, "0.6.4"},
                                      {{207, 101}, "0.7.0"},
                                      {{1512, 400}, "1.5.2"},
                                      {{2302, 1004}, "2.3.1"}}) {
    Bench bench;
    listen_as(bench, release);
    EXPECT_EQ(bench.ask("v"), "system firmware version: " + std::string(name) + "\n\r\n");
  }
}

TEST(Console, TellsTheVersionItIsGiven) {
  Bench bench;
  bench.options.version = "0.4.8-rc.6";
  listen_as(bench, {10, 6});
  EXPECT_EQ(bench.ask("v"), "system firmware version: 0.4.8-rc.6\n\r\n");
}

TEST(Console, TellsWhoItIs) {
  for (const Release release : {Release{10, 6}, {21, 6}, {102, 6}, {110, 11}, {1512, 400}}) {
    Bench bench;
    listen_as(bench, release);
    EXPECT_EQ(bench.ask("i"), kIdentity) << release.version;
  }
}

TEST(Console, TellsTheModemFirmwareSince210) {
  Bench bench;
  listen_as(bench, {2101, 1004});
  EXPECT_EQ(bench.ask("i"), std::string(kIdentity) + "Cell Radio Version: 23.20,A01.00\r\n");
}

TEST(Console, PrintsTheDeviceSecretOnlySince144) {
  for (const auto& [release, printed] :
       {std::pair<Release, bool>{{1405, 400}, false}, {{1406, 400}, true}}) {
    Bench bench;
    bench.options.device_secret = "ABCDEFGHIJKLMNO";
    listen_as(bench, release);
    EXPECT_EQ(
        bench.ask("i").find("\r\nDevice Secret: ABCDEFGHIJKLMNO\r\nIMEI") != std::string::npos,
        printed);
  }
}

TEST(Console, TellsItsIdWithoutKeys) {
  Bench bench;
  bench.options.imei.clear();
  bench.options.iccid.clear();
  listen_as(bench, {110, 11});
  EXPECT_EQ(bench.ask("i"), "Your device id is 2b0036000a47333534393338\r\n");
}

TEST(Console, TellsAnAddressThatMeansNothing) {
  Bench old;
  listen_as(old, {10, 6});
  EXPECT_EQ(old.ask("m"), "Your device MAC address is\r\na5:a5:a5:a5:a5:a5\r\n");
  Bench later;
  listen_as(later, {110, 11});
  EXPECT_EQ(later.ask("m"), "Your device MAC address is\r\n00:00:00:00:00:00\r\n");
}

TEST(Console, TellsWhetherItIsClaimedSince060) {
  Bench old;
  listen_as(old, {21, 6});
  EXPECT_EQ(old.ask("c"), "");
  Bench later;
  listen_as(later, {102, 6});
  EXPECT_EQ(later.ask("c"), "Device claimed: no\r\n");
}

TEST(Console, ReadsAClaimCodeWithEcho) {
  Bench bench;
  listen_as(bench, {110, 11});
  EXPECT_EQ(bench.ask("Cab\r"),
            "Enter 63-digit claim code: ab\r\n"
            "Sorry, claim code is not 63 characters long. Claim code unchanged.\r\n");
}

TEST(Console, GivesDiagnosticsSince080) {
  Bench old;
  listen_as(old, {207, 101});
  EXPECT_EQ(old.ask("d"), "");
  Bench later;
  listen_as(later, {1002, 201});
  EXPECT_THAT(later.ask("d"), StartsWith("{"));
}

TEST(Console, SaysNothingToUnknownCharacters) {
  Bench bench;
  listen_as(bench, {110, 11});
  EXPECT_EQ(bench.ask("w\r\n?F"), "");
}

TEST(Console, PrintsTheModules) {
  Bench bench;
  listen_as(bench, {110, 11});
  const std::string text = bench.ask("s");
  EXPECT_THAT(text, StartsWith(R"({"p":10,"imei":")"));
  EXPECT_EQ(text.substr(text.size() - 4), "]}\r\n");
}

TEST(Console, PrintsACharacterEachMillisecondUpTo064) {
  Bench slow;
  listen_as(slow, {110, 11});
  ASSERT_TRUE(slow.write("v"));
  slow.advance(10ms);
  EXPECT_EQ(slow.read(), "system fir");
  Bench fast;
  listen_as(fast, {207, 101});
  ASSERT_TRUE(fast.write("v"));
  EXPECT_EQ(fast.read(), "system firmware version: 0.7.0\n\r\n");
}

TEST(Console, LeavesAtX) {
  Bench bench;
  listen_as(bench, {110, 11});
  EXPECT_EQ(bench.program->led(), (Led{"blue", "blinking"}));
  EXPECT_EQ(bench.ask("x"), "");
  EXPECT_EQ(bench.program->led(), (Led{"green", "blinking"}));
  EXPECT_EQ(bench.ask("v"), "<not taken>");
}

TEST(Console, RestartsIntoListeningAndSafeModeAtL) {
  Bench bench;
  listen_as(bench, {110, 11});
  ASSERT_TRUE(bench.write("L"));
  ASSERT_TRUE(bench.was_reset());
  bench.start();
  bench.configure();
  bench.advance(1s);
  EXPECT_THAT(bench.ask("v"), HasSubstr("0.6.4"));
  bench.ask("x");
  EXPECT_EQ(bench.program->led(), (Led{"magenta", "breathing"}));
}

TEST(Console, TimesOutAfterFiveMinutesSince061) {
  for (const auto& [release, ends] :
       {std::pair<Release, bool>{{102, 6}, false}, {{110, 11}, true}}) {
    Bench bench;
    listen_as(bench, release);
    bench.advance(290s);
    EXPECT_EQ(bench.program->led().colour, "blue");
    bench.ask("v");
    bench.advance(290s);
    EXPECT_EQ(bench.program->led().colour, "blue") << "a command starts the time anew";
    bench.advance(20s);
    EXPECT_EQ(bench.program->led().colour == "green", ends);
  }
}

}  // namespace
}  // namespace sim
