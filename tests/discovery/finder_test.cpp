// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/port_locks.h"
#include "timeline_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace discovery::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kUpperId = "2B0036000A47333534393338";
constexpr const char* kId = "2b0036000a47333534393338";

usb::PortPath port(int number) { return {1, {static_cast<std::uint8_t>(number)}}; }

TEST(List, TellsModeAndIdAndSerialPort) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2, kUpperId), running(4, "/dev/ttyACM0", kUpperId)};
  World world = bus.world();
  const auto devices = list(world, electron());
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 2U);
  EXPECT_EQ((*devices)[0].mode, Mode::dfu);
  EXPECT_EQ((*devices)[0].id, kId);
  EXPECT_EQ((*devices)[1].mode, Mode::serial);
  EXPECT_EQ((*devices)[1].id, kId);
  EXPECT_EQ((*devices)[1].serial_path, "/dev/ttyACM0");
}

TEST(List, DoesNotOpenARunningDevice) {
  TimelineWorld bus;
  bus.timetable = {running(4, "/dev/ttyACM0")};
  World world = bus.world();
  ASSERT_TRUE(list(world, electron()));
  EXPECT_EQ(bus.opened, 0);
}

TEST(List, PassesOverOtherDevices) {
  TimelineWorld bus;
  Presence photon = in_dfu(1);
  photon.info.product = 0xD006;
  Presence st_gadget = in_dfu(2);
  st_gadget.info.vendor = 0x0483;
  st_gadget.info.product = 0xDF11;
  bus.timetable = {photon, st_gadget, in_dfu(3)};
  World world = bus.world();
  const auto devices = list(world, electron());
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 1U);
  EXPECT_EQ(devices->front().port(), port(3));
  EXPECT_EQ(bus.opened, 1);
}

TEST(List, ShowsADeviceThatMayNotBeOpenedWithTheReason) {
  TimelineWorld bus;
  Presence denied = in_dfu(2, kUpperId);
  denied.may_open_from = seconds(100);
  bus.timetable = {denied};
  World world = bus.world();
  const auto devices = list(world, electron());
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 1U);
  EXPECT_EQ(devices->front().id, "");
  EXPECT_THAT(devices->front().problem, HasSubstr("no permission"));
}

TEST(List, TakesAConstantSerialForNoId) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2), running(4, "/dev/ttyACM0")};
  World world = bus.world();
  const auto devices = list(world, electron());
  ASSERT_TRUE(devices);
  for (const Device& device : *devices) EXPECT_EQ(device.id, "");
}

TEST(List, AsksForNoStringThatTheDescriptorDoesNotName) {
  TimelineWorld bus;
  Presence nameless = in_dfu(2, kUpperId);
  nameless.info.serial_string = 0;
  bus.timetable = {nameless};
  World world = bus.world();
  ASSERT_TRUE(list(world, electron()));
  EXPECT_EQ(bus.opened, 0);
}

TEST(List, GivesTheOnlyNamelessSerialPortToTheOnlyRunningDevice) {
  TimelineWorld bus;
  Presence somewhere = running(4, "COM7");
  somewhere.tty_usb_port = "";
  bus.timetable = {somewhere, in_dfu(2)};
  World world = bus.world();
  EXPECT_EQ((*list(world, electron()))[0].serial_path + (*list(world, electron()))[1].serial_path,
            "COM7");
}

// In the order of their names the application's own comes first.
TEST(List, TakesTheSystemsSerialPortAndNotTheApplications) {
  TimelineWorld bus;
  Presence two = running(4, "/dev/ttyACM9");
  two.second_tty = "/dev/ttyACM10";
  bus.timetable = {two};
  World world = bus.world();
  EXPECT_EQ((*list(world, electron()))[0].serial_path, "/dev/ttyACM9");
}

TEST(List, DoesNotGuessBetweenTwoNamelessSerialPorts) {
  TimelineWorld bus;
  Presence one = running(4, "COM7");
  Presence two = running(5, "COM8");
  one.tty_usb_port = two.tty_usb_port = "";
  bus.timetable = {one, two};
  World world = bus.world();
  const auto devices = list(world, electron());
  ASSERT_TRUE(devices);
  for (const Device& device : *devices) EXPECT_EQ(device.serial_path, "");
}

TEST(List, OpensNothingWhereTheSystemTellsTheSerialStrings) {
  TimelineWorld bus;
  bus.tells_serials = true;
  Presence denied = in_dfu(3);
  denied.may_open_from = seconds(100);
  bus.timetable = {in_dfu(2, kUpperId), denied, running(4, "", kUpperId)};
  World world = bus.world();
  const auto devices = list(world, electron());
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 3U);
  EXPECT_EQ((*devices)[0].id, kId);
  EXPECT_EQ((*devices)[0].problem, "");
  EXPECT_THAT((*devices)[1].problem, HasSubstr("no permission"));
  EXPECT_EQ((*devices)[2].id, kId) << "before its serial port is there";
  EXPECT_EQ(bus.opened, 0);
}

// Whatever is asked for: it has this port.
struct OneBusyPort final : PortLocks {
  explicit OneBusyPort(usb::PortPath busy) : busy_(std::move(busy)) {}
  base::Result<std::unique_ptr<PortLock>> take(const usb::PortPath& wanted,
                                               std::string_view) override {
    if (wanted == busy_) return base::make_error(base::Errc::busy, "in use");
    return std::make_unique<PortLock>();
  }
  std::optional<std::string> holder(const usb::PortPath& wanted) const override {
    if (wanted != busy_) return std::nullopt;
    return "electron-rescue flash, process 77";
  }
  usb::PortPath busy_;
};

TEST(List, LeavesADeviceAloneThatSomebodyWorksOnAndSaysWho) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2, kUpperId), in_dfu(3, kUpperId)};
  OneBusyPort locks(port(2));
  World world = bus.world();
  world.locks = &locks;
  const auto devices = list(world, electron());
  ASSERT_TRUE(devices);
  EXPECT_THAT((*devices)[0].problem, HasSubstr("electron-rescue flash, process 77"));
  EXPECT_EQ((*devices)[1].id, kId);
  EXPECT_EQ(bus.opened_ports, std::vector<usb::PortPath>{port(3)});
}

TEST(Choose, OpensNoNeighbourOfThePortThatIsNamed) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2, kUpperId), in_dfu(3)};
  World world = bus.world();
  const auto device = choose(world, electron(), *parse_selector("usb:1-2"));
  ASSERT_TRUE(device);
  EXPECT_EQ(device->id, kId);
  EXPECT_EQ(bus.opened_ports, std::vector<usb::PortPath>{port(2)});
}

TEST(Choose, OpensNothingToSayThatThereAreSeveral) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2), in_dfu(3)};
  World world = bus.world();
  EXPECT_FALSE(choose(world, electron(), {}));
  EXPECT_EQ(bus.opened, 0);
}

TEST(Choose, OpensNoDeviceInDfuModeForASerialPort) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2), running(4, "/dev/ttyACM0")};
  World world = bus.world();
  EXPECT_TRUE(choose(world, electron(), *parse_selector("/dev/ttyACM0")));
  EXPECT_EQ(bus.opened, 0);
}

TEST(Choose, TakesTheOnlyOne) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2)};
  World world = bus.world();
  const auto device = choose(world, electron(), {});
  ASSERT_TRUE(device);
  EXPECT_EQ(device->port(), port(2));
}

TEST(Choose, ListsSeveralReadyToPaste) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2), running(4, "/dev/ttyACM0")};
  World world = bus.world();
  const auto device = choose(world, electron(), {});
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, base::Errc::ambiguous_device);
  EXPECT_THAT(device.error().message, HasSubstr("--device usb:1-2 "));
  EXPECT_THAT(device.error().message, HasSubstr("--device usb:1-4 "));
}

TEST(Choose, ListsSeveralThatShareAnIdPrefix) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2, kUpperId), in_dfu(4, "2B0036000A47333534393339")};
  World world = bus.world();
  EXPECT_EQ(choose(world, electron(), *parse_selector("2b0036")).error().code,
            base::Errc::ambiguous_device);
  EXPECT_EQ(choose(world, electron(), *parse_selector(kUpperId))->port(), port(2));
}

TEST(Choose, SaysWhatIsThereWhenTheChosenOneIsNot) {
  TimelineWorld bus;
  bus.timetable = {in_dfu(2)};
  World world = bus.world();
  const auto device = choose(world, electron(), *parse_selector("usb:1-9"));
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, base::Errc::no_device);
  EXPECT_THAT(device.error().message, HasSubstr("usb:1-9"));
  EXPECT_THAT(device.error().message, HasSubstr("--device usb:1-2"));
}

TEST(Choose, TellsPermissionTroubleFromAbsence) {
  TimelineWorld bus;
  Presence denied = in_dfu(2, kUpperId);
  denied.may_open_from = seconds(100);
  bus.timetable = {denied};
  World world = bus.world();
  const auto device = choose(world, electron(), *parse_selector("2b0036"));
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, base::Errc::access_denied);
  bus.timetable.clear();
  EXPECT_EQ(choose(world, electron(), {}).error().code, base::Errc::no_device);
}

class WaitFor : public testing::Test {
 protected:
  base::Result<Device> wait(Want want, base::Micros within = seconds(5)) {
    World world = bus_.world();
    return wait_for(world, electron(), port(2), want, within, cancel_);
  }
  base::Result<Device> wait_again(const Presence& before, Want want) {
    World world = bus_.world();
    return wait_for_return(world, electron(), before.info, want, seconds(5), cancel_);
  }
  base::Micros now() { return bus_.clock().now() - base::Instant(); }
  TimelineWorld bus_;
  base::CancelToken cancel_;
};

TEST_F(WaitFor, ReturnsAtOnceWhenTheDeviceIsThere) {
  bus_.timetable = {in_dfu(2)};
  ASSERT_TRUE(wait(Want::dfu));
  EXPECT_EQ(now(), seconds(0));
}

TEST_F(WaitFor, FollowsThePortWhateverTheSerialString) {
  bus_.timetable = {in_dfu(3, kUpperId),
                    between(in_dfu(2, "00000000010C"), seconds(2), seconds(9))};
  const auto device = wait(Want::dfu);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->port(), port(2));
  EXPECT_GE(now(), seconds(2));
}

TEST_F(WaitFor, OpensNothingButTheDeviceOnItsPort) {
  Presence late = between(in_dfu(2, kUpperId), seconds(2), seconds(60));
  bus_.timetable = {in_dfu(3, kUpperId), late, between(in_dfu(4), seconds(1), seconds(9))};
  ASSERT_TRUE(wait(Want::dfu));
  EXPECT_EQ(bus_.opened_ports, std::vector<usb::PortPath>{port(2)});
}

TEST_F(WaitFor, DoesNotTouchTheEnumerationThatIsAboutToGo) {
  const Presence leaving = between(in_dfu(2), seconds(0), milliseconds(500));
  bus_.timetable = {leaving, between(running(2, "/dev/ttyACM0"), milliseconds(1200), seconds(60))};
  ASSERT_TRUE(wait_again(leaving, Want::serial));
  EXPECT_EQ(bus_.opened, 0);
}

TEST_F(WaitFor, LooksSeldomWhileNothingHappens) {
  bus_.timetable = {between(in_dfu(2), seconds(60), seconds(90))};
  ASSERT_TRUE(wait(Want::dfu, seconds(90)));
  EXPECT_LE(bus_.listed, 65);
}

TEST_F(WaitFor, GivesUpWhenTimeIsOver) {
  bus_.timetable = {running(2, "/dev/ttyACM0"), in_dfu(3)};
  const auto device = wait(Want::dfu);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, base::Errc::timeout);
  EXPECT_THAT(device.error().message, HasSubstr("usb:1-2"));
  EXPECT_GE(now(), seconds(5));
  EXPECT_LT(now(), seconds(6));
}

TEST_F(WaitFor, IsNotFooledByADeviceWithoutSerialPort) {
  Presence real = between(running(2, "/dev/ttyACM0"), milliseconds(700), seconds(60));
  real.info.address = 40;
  bus_.timetable = {between(running(2, ""), milliseconds(100), milliseconds(400)), real};
  const auto device = wait(Want::serial);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->info.address, 40);
  EXPECT_EQ(device->serial_path, "/dev/ttyACM0");
}

TEST_F(WaitFor, AnyDoesNotTakeTheFalseDeviceEither) {
  bus_.timetable = {between(running(2, ""), milliseconds(0), milliseconds(400)),
                    between(in_dfu(2), seconds(1), seconds(9))};
  const auto device = wait(Want::any);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->mode, Mode::dfu);
}

// A computer without its driver.
TEST_F(WaitFor, AnyTakesADeviceThatHasStayedWithoutASerialPort) {
  bus_.timetable = {between(running(2, ""), milliseconds(100), seconds(60))};
  EXPECT_FALSE(wait(Want::any, seconds(4)));
  const auto device = wait(Want::any, seconds(20));
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ(device->mode, Mode::serial);
  EXPECT_EQ(device->serial_path, "");
  EXPECT_FALSE(wait(Want::serial, seconds(20)));
  EXPECT_FALSE(wait(Want::dfu, seconds(1)));
}

TEST_F(WaitFor, AnyDoesNotTakeOneWithoutASerialPortThatComesAndGoes) {
  for (int i = 0; i < 5; ++i) {
    bus_.timetable.push_back(
        between(running(2, ""), seconds(4 * i), seconds(4 * i) + milliseconds(3500)));
  }
  EXPECT_FALSE(wait(Want::any, seconds(20)));
}

TEST_F(WaitFor, GivesUdevAMomentToSetPermissions) {
  Presence late = in_dfu(2, kUpperId);
  late.may_open_from = milliseconds(300);
  bus_.timetable = {late};
  const auto device = wait(Want::dfu);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->problem, "");
  EXPECT_EQ(device->id, kId);
}

TEST_F(WaitFor, ReturnsADeviceWhosePermissionsStayWrong) {
  Presence denied = in_dfu(2, kUpperId);
  denied.may_open_from = seconds(1000);
  bus_.timetable = {denied};
  const auto device = wait(Want::dfu);
  ASSERT_TRUE(device);
  EXPECT_THAT(device->problem, HasSubstr("no permission"));
}

TEST_F(WaitFor, StopsWhenInterrupted) {
  cancel_.request();
  const auto device = wait(Want::dfu);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, base::Errc::cancelled);
}

TEST_F(WaitFor, AReturnIsNotTheEnumerationThatIsAboutToGo) {
  const Presence leaving = between(in_dfu(2), seconds(0), milliseconds(500));
  bus_.timetable = {leaving, between(running(2, "/dev/ttyACM0"), milliseconds(1200), seconds(60))};
  const auto device = wait_again(leaving, Want::any);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->mode, Mode::serial);
}

TEST_F(WaitFor, AReturnWithTheSameAddressIsSeenByTheAbsence) {
  const Presence leaving = between(in_dfu(2), seconds(0), milliseconds(500));
  bus_.timetable = {leaving, between(in_dfu(2), milliseconds(900), seconds(60))};
  ASSERT_TRUE(wait_again(leaving, Want::dfu));
  EXPECT_GE(now(), milliseconds(900));
}

TEST_F(WaitFor, AReturnTooQuickToBeSeenAbsentIsSeenByTheAddress) {
  const Presence leaving = between(in_dfu(2), seconds(0), milliseconds(500));
  Presence back = between(in_dfu(2), milliseconds(500), seconds(60));
  back.info.address = 77;
  bus_.timetable = {leaving, back};
  const auto device = wait_again(leaving, Want::dfu);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->info.address, 77);
}

TEST_F(WaitFor, ADeviceThatNeverLeavesHasNotReturned) {
  const Presence staying = in_dfu(2);
  bus_.timetable = {staying};
  EXPECT_EQ(wait_again(staying, Want::dfu).error().code, base::Errc::timeout);
}

}  // namespace
}  // namespace discovery::test
