// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a device does with an update, and what the cloud sees of it: the sequences of each release.
#include "fleet.h"

namespace sim::cloud::test {
namespace {

TEST(AirDevice, InSafeModeEachPartEndsInItsModuleList) {
  Fleet fleet(one("0.5.3"));
  for (const std::uint8_t index : Indexes{3, 1}) {
    const Answer answer = fleet.flash(110, index);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"id":")" + kDevice + R"(","status":"Update started"})");
    fleet.wait(3min);
  }
  EXPECT_EQ(
      fleet.events(),
      (Told{"spark/flash/status started ", "spark/flash/status success ", "spark/status offline",
            "spark/status online", "spark/status/safe-mode /21/21/110",
            "spark/flash/status started ", "spark/flash/status success ", "spark/status offline",
            "spark/status online", "spark/status/safe-mode /110/21/110"}));
  fleet.flash(110, 2);
  fleet.wait(3min);
  // The application is satisfied: no module list, but a new version; 0.6.4 tells why it restarted.
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status started ", "spark/flash/status success ",
                                  "spark/status offline", "spark/status online",
                                  "spark/device/last_reset update"}));
  EXPECT_EQ(fleet.device().told_version(), "0.6.4");
  EXPECT_EQ(fleet.device().parts_taken(), 3);
  EXPECT_EQ(fleet.device().parts_needless(), 0);
}

TEST(AirDevice, UpToPointFiveARefusalIsSeenInTheOldModuleList) {
  Fleet fleet(one("0.5.2"));
  fleet.flash(110, 3);  // not known before 0.5.3
  fleet.wait(3min);
  EXPECT_EQ(fleet.events(),
            (Told{"spark/flash/status started ", "spark/flash/status success ",
                  "spark/status offline", "spark/status online", "spark/status/safe-mode /17/17"}));
  EXPECT_EQ(fleet.device().parts_refused(), 1);
}

TEST(AirDevice, FromPointSixARefusalIsFollowedByNothing) {
  Fleet fleet(one("0.6.2", "0.6.4"));
  fleet.flash(207, 2);
  fleet.wait(10min);
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status started ", "spark/flash/status success "}));
  EXPECT_TRUE(fleet.device().reachable());
  EXPECT_TRUE(fleet.device().believed_online());
}

TEST(AirDevice, SinceOneFourOneASafeModeEventComesWithoutAHandshake) {
  Fleet fleet(one("1.5.2", "2.3.1"));
  const auto before = fleet.device().last_handshake();
  fleet.flash(2302, 2);  // refused: index 1 and 3 first
  fleet.wait(10min);
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status started ", "spark/flash/status success ",
                                  "spark/status/safe-mode /1512/1512/1512"}));
  EXPECT_EQ(fleet.device().last_handshake(), before);
}

TEST(AirDevice, SinceThreeARefusalSaysFailedAndNothingRestarts) {
  Fleet fleet(one("3.0.0", "3.3.1"));
  fleet.flash(110, 1);
  fleet.wait(10min);
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status started ", "spark/flash/status failed"}));
  EXPECT_TRUE(fleet.device().reachable());
}

TEST(AirDevice, TheResultOfPointSixReachesTheStreamWhereTheCloudPassesIt) {
  Options options = one("0.6.2", "0.6.4");
  options.passes_ota_result = true;
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.wait(3min);
  const Told good = fleet.events();
  ASSERT_GE(good.size(), 3U);
  EXPECT_EQ(good[2],
            R"(spark/device/ota_result {"r":"ok","u":{"p":10,"s":131072,"l":"t","vc":30,"vv":30,)"
            R"("f":"s","n":"3","v":110,"d":[]}})");
  fleet.flash(207, 2);
  fleet.wait(3min);
  EXPECT_TRUE(fleet.events().at(2).starts_with("spark/device/ota_result {\"r\":\"error\""));
}

TEST(AirDevice, AnApplicationThatIsSatisfiedShowsOnlyRestarts) {
  Fleet fleet(one("0.6.2", "0.5.3"));
  fleet.flash(110, 3);
  fleet.wait(3min);
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status started ", "spark/flash/status success ",
                                  "spark/status offline", "spark/status online",
                                  "spark/device/last_reset update"}));
  EXPECT_EQ(fleet.device().told_version(), "0.6.2");
}

TEST(AirDevice, ADeviceThatCannotStartAnyMoreIsNeverHeardOf) {
  Fleet fleet(one("0.5.3", "0.6.4"));
  fleet.flash(110, 1);
  fleet.wait(3min);
  fleet.events();
  fleet.flash(110, 2);  // without index 3
  fleet.wait(60min);
  EXPECT_TRUE(fleet.device().dead());
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status started ", "spark/flash/status success ",
                                  "spark/status offline"}));
}

TEST(AirDevice, ASecondUpdateDuringTheFirstIsLockedOut) {
  Fleet fleet(one("0.5.3"));
  fleet.flash(110, 3);
  fleet.wait(5s);
  EXPECT_NE(fleet.flash(110, 1).body.find("locked during the flashing process"), std::string::npos);
  fleet.wait(3min);
  EXPECT_EQ(fleet.device().transfers(), 1);
}

TEST(AirDevice, WhileItRestartsItHearsNothing) {
  Fleet fleet(one("0.5.3"));
  fleet.flash(110, 3);
  fleet.wait(AirDevice::kBegin + AirDevice::transfer_time(fleet.cloud->part(110, 3)->size()) + 2s);
  const Answer answer = fleet.flash(110, 1);
  EXPECT_EQ(answer.status, 408);
  fleet.wait(3min);
  EXPECT_EQ(fleet.device().transfers(), 1);
}

TEST(AirDevice, OldApplicationsThatRefuseUpdatesSayNothing) {
  Options options = one("0.6.2", "0.5.3");
  options.devices[0].updates_disabled = true;
  Fleet fleet(options);
  EXPECT_NE(fleet.flash(110, 3).body.find("Update started"), std::string::npos);
  fleet.wait(60s);
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status started "}));
  fleet.wait(60s);
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status failed"}));
}

TEST(AirDevice, NewerOnesSaySoAndCanBeForced) {
  Options options = one("1.5.2", "0.5.3");
  options.devices[0].updates_disabled = true;
  Fleet fleet(options);
  EXPECT_NE(fleet.flash(2302, 3).body.find("updates are disabled"), std::string::npos);
  EXPECT_EQ(fleet.events(), (Told{"spark/flash/status failed "}));
  const Answer forced = fleet.put("/v1/devices/" + kDevice, R"({"firmware_updates_forced":true})");
  EXPECT_NE(forced.body.find("\"firmware_updates_forced\":true"), std::string::npos);
  fleet.wait(5s);
  EXPECT_EQ(fleet.events(), (Told{"particle/device/updates/forced true"}));
  EXPECT_NE(fleet.flash(2302, 3).body.find("Update started"), std::string::npos);
}

TEST(AirDevice, InSafeModeNothingIsRefusedByTheApplication) {
  Options options = one("0.5.3");
  options.devices[0].updates_disabled = true;
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.wait(3min);
  EXPECT_EQ(fleet.device().parts_taken(), 1);
}

// --- failures of a transfer ---

Told after(const std::string& release, const std::string& failure, base::Micros time = 10min) {
  Options options = one(release);
  options.failures = {*parse_failure(failure)};
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.wait(time);
  return fleet.events();
}

TEST(AirTransfer, AFlippedBitIsRefusedAsTheReleaseRefuses) {
  EXPECT_EQ(after("0.5.3", "transfer 1: refuse").back(), "spark/status/safe-mode /21/21");
  EXPECT_EQ(after("0.6.2", "transfer 1: refuse").back(), "spark/flash/status success ");
}

TEST(AirTransfer, AStallEndsInTheDevicesWatchdog) {
  EXPECT_EQ(after("0.5.3", "transfer 1: stall"),
            (Told{"spark/flash/status started ", "spark/flash/status failed",
                  "spark/status offline", "spark/status online", "spark/status/safe-mode /21/21"}));
}

TEST(AirTransfer, ARestartInTheMiddleLeavesAllAsItWas) {
  const Told told = after("0.5.3", "transfer 1: reset 0.3");
  EXPECT_EQ(told.back(), "spark/flash/status failed");
  EXPECT_EQ(told.at(3), "spark/status/safe-mode /21/21");
}

TEST(AirTransfer, ADeviceCanComeBackAfterTwentyFiveMinutesOrNever) {
  EXPECT_EQ(after("0.5.3", "transfer 1: late-back", 20min).back(), "spark/flash/status success ");
  EXPECT_EQ(after("0.5.3", "transfer 1: late-back", 27min).back(),
            "spark/status/safe-mode /21/21/110");
  EXPECT_EQ(after("0.5.3", "transfer 1: never-back", 45min).back(), "spark/flash/status success ");
  EXPECT_EQ(after("0.5.3", "transfer 1: never-back", 60min).back(), "spark/status offline");
}

TEST(AirTransfer, TheSessionCanGoOnOrEndWhateverHasChanged) {
  EXPECT_EQ(after("0.5.3", "transfer 1: resumed").back(), "spark/flash/status success ");
  Options options = one("0.6.2", "0.6.4");
  options.failures = {*parse_failure("transfer 1: refuse"),
                      *parse_failure("transfer 1: full-handshake")};
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.wait(3min);
  const Told told = fleet.events();
  EXPECT_EQ(told.at(4), "spark/status/safe-mode /108/108/108");
  EXPECT_EQ(told.back(), "spark/device/last_reset update_error");
}

TEST(AirTransfer, ASafeModeEventCanStayAway) {
  EXPECT_EQ(after("0.5.3", "transfer 1: no-safe-mode").back(), "spark/status online");
}

TEST(AirTransfer, TheCloudCanSayTheContrary) {
  const Told failed = after("0.5.3", "transfer 1: says-failed");
  EXPECT_EQ(failed.at(1), "spark/flash/status failed");
  EXPECT_EQ(failed.back(), "spark/status/safe-mode /21/21/110");
  const Told success = after("0.5.3", "transfer 1: says-success");
  EXPECT_EQ(success.at(1), "spark/flash/status success ");
  EXPECT_EQ(success.back(), "spark/status/safe-mode /21/21");
}

TEST(AirTransfer, AfterAPowerCutEverythingIsSaidAnew) {
  const Told told = after("0.6.2", "transfer 1: power-cut 0.7");
  EXPECT_NE(std::find(told.begin(), told.end(), "spark/status/safe-mode /108/108/110"), told.end());
}

TEST(AirTransfer, OneDeviceCanHaveItsOwnFailures) {
  Options options = *make_fleet({"0.5.3"}, 2, "0.6.4");
  options.devices[1].failures = {*parse_failure("transfer 0: stall")};
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.flash(110, 3, fleet.device(1).id());
  fleet.wait(10min);
  EXPECT_EQ(fleet.device(0).parts_taken(), 1);
  EXPECT_EQ(fleet.device(1).parts_taken(), 0);
}

TEST(AirDevice, EveryListOfReleasesHasItsOwnShape) {
  const auto list = [](const std::string& release) {
    return Fleet(one(release, "3.3.1")).device().describe();
  };
  EXPECT_NE(list("0.6.4").find("\"_\":\"\""), std::string::npos);
  EXPECT_TRUE(list("0.6.4").ends_with(R"({"s":131072,"l":"f","vc":30,"vv":0,"d":[]}]})"));
  EXPECT_EQ(list("2.3.1").find("\"_\":\"\""), std::string::npos);
  EXPECT_NE(list("2.3.1").find(R"("cellfw":"23.20,A01.00",)"), std::string::npos);
  EXPECT_EQ(list("0.6.4").find("cellfw"), std::string::npos);
  EXPECT_TRUE(list("0.5.3").starts_with(R"({"p":10,"imei":"353162070000001","iccid":"8931440)"));
}

TEST(AirDevice, ABrokenApplicationShowsInTheListAndLeavesTheDeviceInSafeMode) {
  Options options = one("0.5.3");
  base::Bytes broken = *application_for("0.5.3");
  broken[broken.size() / 2] ^= 1U;
  options.devices[0].electron.modules = {broken};
  Fleet fleet(options);
  EXPECT_TRUE(fleet.device().start().safe_mode);
  const Json list = Json::parse(fleet.device().describe());
  for (const Json& module : list["m"]) {
    if (module.value("f", "") == "u") {
      EXPECT_EQ(module["vv"], 28);  // all but the checksum
    }
  }
  fleet.flash(110, 3);
  fleet.wait(3min);
  EXPECT_EQ(fleet.events().back(), "spark/status/safe-mode /21/21/110");
}

TEST(AirDevice, PointSixOneRcOneSaysSafeModeAlways) {
  Fleet fleet(one("0.6.1-rc.1", "0.5.3"));
  fleet.flash(110, 3);
  fleet.wait(3min);
  EXPECT_EQ(fleet.events().at(4), "spark/status/safe-mode /103/103/110");
}

TEST(AirDevice, ThatComesBackByItselfSaysEverything) {
  Options options = one("0.5.3");
  options.devices[0].link = DeviceOptions::Link::offline;
  options.devices[0].returns_after = 120s;
  Fleet fleet(options);
  EXPECT_EQ(fleet.flash(110, 3).status, 404);
  fleet.wait(3min);
  EXPECT_EQ(fleet.events(), (Told{"spark/status online", "spark/status/safe-mode /21/21"}));
}

}  // namespace
}  // namespace sim::cloud::test
