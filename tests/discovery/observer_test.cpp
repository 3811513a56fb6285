// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/observer.h"

#include "timeline_world.h"

#include <gtest/gtest.h>

namespace discovery::test {
namespace {

using std::chrono::seconds;
using End = Observer::End;

struct ObserverTest : testing::Test {
  base::Result<End> follow(Observer& observer, base::Micros within) {
    observer.subscribe([this](const Change& change) { changes.push_back(change); });
    return observer.follow(within, cancel, [] { return false; });
  }
  TimelineWorld bus;
  World world = bus.world();
  base::CancelToken cancel;
  std::vector<Change> changes;
};

TEST_F(ObserverTest, TellsEachArrivalAndDepartureOnce) {
  bus.timetable = {in_dfu(3), between(in_dfu(2), seconds(2), seconds(4)),
                   between(running(2, "/dev/ttyACM0"), seconds(5), seconds(60))};
  Observer observer(world, electron());
  EXPECT_EQ(follow(observer, seconds(9)).value(), End::time_is_up);
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(std::get<Arrived>(changes[0]).device.port().ports[0], 3);
  EXPECT_EQ(std::get<Arrived>(changes[1]).device.mode, Mode::dfu);
  EXPECT_EQ(std::get<Left>(changes[2]).device.port().ports[0], 2);
  EXPECT_EQ(std::get<Arrived>(changes[3]).device.mode, Mode::serial);
}

TEST_F(ObserverTest, OpensNothingUnlessItIsWorthIt) {
  bus.timetable = {in_dfu(2), in_dfu(3)};
  Observer none(world, electron());
  ASSERT_TRUE(follow(none, seconds(5)));
  EXPECT_EQ(bus.opened, 0);
  Observer one(world, electron(), [](const Device& d) { return d.port().ports[0] == 3; });
  ASSERT_TRUE(follow(one, seconds(5)));
  EXPECT_EQ(bus.opened, 1) << "once in an enumeration";
}

TEST_F(ObserverTest, SeesASerialPortThatComesLaterWithoutAChangeOnTheBus) {
  Presence early = between(running(2, ""), seconds(0), milliseconds(300));
  Presence later = between(running(2, "/dev/ttyACM0"), milliseconds(300), seconds(60));
  bus.timetable = {early, later};
  Observer observer(world, electron());
  ASSERT_TRUE(follow(observer, seconds(2)));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(std::get<Changed>(changes[1]).now.serial_path, "/dev/ttyACM0");
}

// A bus that cannot be listed for a while.
struct Sick final : usb::Host {
  explicit Sick(TimelineWorld& bus) : bus_(bus) {}
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    if (bus_.clock().now() < base::Instant() + until) return base::make_error(error, "sick");
    return static_cast<usb::Host&>(bus_).list(vendor);
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    return static_cast<usb::Host&>(bus_).open(info);
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    bus_.wait_for_change(most, cancel);
  }
  base::Micros until{};
  base::Errc error = base::Errc::usb_io;
  TimelineWorld& bus_;
};

TEST_F(ObserverTest, PassesOverAnErrorThatPassesAndTellsOneThatLasts) {
  bus.timetable = {in_dfu(2)};
  Sick sick(bus);
  World sick_world{sick, bus, bus.clock()};
  sick.until = seconds(2);
  Observer patient(sick_world, electron());
  EXPECT_EQ(follow(patient, seconds(9)).value(), End::time_is_up);
  EXPECT_EQ(changes.size(), 1U);
  sick.until = seconds(1000);
  Observer disappointed(sick_world, electron());
  const auto end = follow(disappointed, seconds(100));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, base::Errc::usb_io);
  sick.error = base::Errc::access_denied;
  const base::Instant before = bus.clock().now();
  Observer refused(sick_world, electron());
  EXPECT_EQ(follow(refused, seconds(100)).error().code, base::Errc::access_denied);
  EXPECT_EQ(bus.clock().now(), before);
}

TEST_F(ObserverTest, StopsOnAWish) {
  cancel.request();
  Observer observer(world, electron());
  EXPECT_EQ(follow(observer, seconds(9)).value(), End::cancelled);
}

}  // namespace
}  // namespace discovery::test
