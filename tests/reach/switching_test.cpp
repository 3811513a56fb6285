// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/virtual_bench.h"
#include "serial/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace job::test {
namespace {

using reach::attended;
using reach::Patience;
using reach::unattended;

using base::Errc;
using discovery::Device;
using discovery::Mode;

constexpr std::uint32_t kSmall = 2000;

// A release and the bootloader that it runs with.
struct Running {
  const char* release;
  const char* bootloader;
  bool needs_person;  // no way into listening mode but the button
};

std::ostream& operator<<(std::ostream& out, const Running& running) {
  return out << running.release;
}

const std::vector<Running> kAll{{"0.4.8-rc.6", "6", true}, {"0.5.3", "6", true},
                                {"0.6.0", "6", false},     {"0.6.4", "11", false},
                                {"1.0.1", "201", false},   {"1.5.2", "400", false},
                                {"2.3.1", "1004", false}};

std::string test_name(const testing::TestParamInfo<Running>& info) {
  std::string name = info.param.release;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

class Switching : public testing::TestWithParam<Running> {
 protected:
  Switching() : bench_(GetParam().bootloader) { bench_.install(GetParam().release, kSmall); }

  void power_on() {
    bench_.power_on();
    auto device = bench_.find();
    ASSERT_TRUE(device) << device.error().message;
    device_ = *device;
    ASSERT_EQ(device_.mode, Mode::serial);
  }
  base::Result<Device> to_dfu(const Device& device, const Patience& patience) {
    return reach::to_dfu(bench_.context(), voice_, device, patience);
  }
  base::Result<Device> to_listening(const Device& device, const Patience& patience) {
    return reach::to_listening(bench_.context(), voice_, device, patience);
  }
  base::Result<Device> to_normal(const Device& device, const Patience& patience) {
    return reach::to_normal(bench_.context(), voice_, device, patience);
  }
  // Whether it answers, asked past everything that knows about modes.
  bool answers(const Device& device) {
    auto port = bench_.world().serial.open(device.serial_path);
    EXPECT_TRUE(port);
    if (!port) return false;
    serial::Console console(**port, bench_.world().clock, bench_.cancel());
    return console.ask_version(seconds(2)).has_value();
  }

  VirtualBench bench_;
  Device device_;
  work::Voice voice_{bench_, "usb:1-1"};
};

TEST_P(Switching, TakesARunningDeviceToDfuModeWithoutAnybody) {
  power_on();
  const auto there = to_dfu(device_, unattended());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::dfu);
  EXPECT_EQ(there->port(), device_.port());
  EXPECT_EQ(bench_.times_mode_pressed, 0);
}

// The application has changed the speed that means DFU mode.
TEST_P(Switching, TakesADeviceThatDoesNotHearTheTouchToDfuModeByUsbRequest) {
  bench_.modem.dfu_touch = false;
  power_on();
  const auto there = to_dfu(device_, unattended());
  if (device_.info.bcd_device < 0x0250) {
    ASSERT_FALSE(there) << "up to 0.5.5 there are no such requests";
    EXPECT_EQ(there.error().code, Errc::timeout);
    return;
  }
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::dfu);
}

TEST_P(Switching, TakesADeviceThatHasJustArrivedToDfuMode) {
  bench_.board().power(true);
  const auto device = discovery::wait_for(bench_.world(), electron(), bench_.wire().port(0),
                                          discovery::Want::serial, seconds(10), bench_.cancel());
  ASSERT_TRUE(device);
  const auto there = to_dfu(*device, unattended());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::dfu);
}

TEST_P(Switching, TakesARunningDeviceToListeningMode) {
  power_on();
  const auto there = to_listening(device_, attended());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::listening);
  EXPECT_TRUE(answers(*there));
  EXPECT_EQ(bench_.times_mode_pressed, GetParam().needs_person ? 1 : 0);
  EXPECT_EQ(bench_.board().led().colour, "blue");
}

TEST_P(Switching, TakesADeviceThatHasJustArrivedToListeningMode) {
  bench_.board().power(true);
  const auto device = discovery::wait_for(bench_.world(), electron(), bench_.wire().port(0),
                                          discovery::Want::serial, seconds(10), bench_.cancel());
  ASSERT_TRUE(device);
  const auto there = to_listening(*device, attended());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_TRUE(answers(*there));
}

TEST_P(Switching, TakesADeviceInDfuModeToListeningModeAndBack) {
  bench_.start_in_dfu();
  device_ = *bench_.find();
  ASSERT_EQ(device_.mode, Mode::dfu);
  const auto listening = to_listening(device_, attended());
  ASSERT_TRUE(listening) << listening.error().message;
  EXPECT_TRUE(answers(*listening));
  const auto dfu = to_dfu(*listening, unattended());
  ASSERT_TRUE(dfu) << dfu.error().message;
  EXPECT_EQ(dfu->mode, Mode::dfu);
}

TEST_P(Switching, TakesADeviceInDfuModeToNormal) {
  bench_.start_in_dfu();
  const auto there = to_normal(*bench_.find(), unattended());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::serial);
  EXPECT_TRUE(bench_.runs());
}

TEST_P(Switching, TakesAListeningDeviceToNormal) {
  power_on();
  const auto listening = to_listening(device_, attended());
  ASSERT_TRUE(listening);
  const auto there = to_normal(*listening, unattended());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::serial);
  bench_.pass(seconds(2));
  EXPECT_NE(bench_.board().led().colour, "blue");
}

// The caller does not know that it listens.
TEST_P(Switching, TakesADeviceThatHappensToListenToNormal) {
  power_on();
  ASSERT_TRUE(to_listening(device_, attended()));
  const auto there = to_normal(device_, unattended());
  ASSERT_TRUE(there) << there.error().message;
  bench_.pass(seconds(2));
  EXPECT_NE(bench_.board().led().colour, "blue");
}

TEST_P(Switching, LeavesARunningDeviceRunning) {
  power_on();
  bench_.helpful = false;
  const auto there = to_normal(device_, unattended());
  ASSERT_TRUE(there) << there.error().message;
  bench_.pass(seconds(2));
  EXPECT_NE(bench_.board().led().colour, "blue");
  EXPECT_TRUE(bench_.runs());
}

TEST_P(Switching, FindsADeviceWithoutSimListeningByItself) {
  bench_.modem.sim_card = false;
  bench_.helpful = false;
  bench_.board().power(true);
  const auto device = discovery::wait_for(bench_.world(), electron(), bench_.wire().port(0),
                                          discovery::Want::serial, seconds(10), bench_.cancel());
  ASSERT_TRUE(device);
  const auto there = to_listening(*device, unattended());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_TRUE(answers(*there));
}

INSTANTIATE_TEST_SUITE_P(Releases, Switching, testing::ValuesIn(kAll), test_name);

// --- what stands in the way ---

class BusyPorts final : public serial::Ports {
 public:
  BusyPorts(serial::Ports& real, Errc code) : real_(real), code_(code) {}
  base::Result<std::vector<serial::PortInfo>> list() override { return real_.list(); }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string&) override {
    ++openings;
    return base::make_error(code_, "not now", "do something");
  }
  int openings = 0;

 private:
  serial::Ports& real_;
  Errc code_;
};

// No device can be opened, so that there are no USB requests.
class NoRequests final : public usb::Host {
 public:
  explicit NoRequests(usb::Host& real) : real_(real) {}
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    return real_.list(vendor);
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo&) override {
    return base::make_error(Errc::access_denied, "not ours to open");
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    real_.wait_for_change(most, cancel);
  }

 private:
  usb::Host& real_;
};

class Obstacles : public testing::Test {
 protected:
  void start(std::string_view release, std::uint32_t) {
    bench_.install(release, kSmall);
    bench_.power_on();
    device_ = *bench_.find();
  }
  VirtualBench bench_{"11"};
  Device device_;
  work::Voice voice_{bench_, "usb:1-1"};
};

TEST_F(Obstacles, APortThatAnotherProgramHoldsIsItsOwnError) {
  start("0.6.4", kSmall);
  BusyPorts ports(bench_.world().serial, Errc::busy);
  discovery::World world{bench_.world().usb, ports, bench_.world().clock};
  const work::Context around = bench_.context_in(world);
  const auto there = reach::to_listening(around, voice_, device_, unattended());
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::busy);
  EXPECT_GT(ports.openings, 10) << "it may be ModemManager, which lets go";
}

TEST_F(Obstacles, VendorRequestsReachDfuModeWhereThePortDoesNot) {
  start("0.6.4", kSmall);
  BusyPorts ports(bench_.world().serial, Errc::busy);
  discovery::World world{bench_.world().usb, ports, bench_.world().clock};
  const work::Context around = bench_.context_in(world);
  Patience patient = unattended();
  patient.by_itself = seconds(60);
  const auto there = reach::to_dfu(around, voice_, device_, patient);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::dfu);
}

// Nobody at the button could help.
TEST_F(Obstacles, APortThatIsHeldOrForbiddenEndsTheWayToDfuModeAtOnce) {
  start("0.5.3", kSmall);
  for (const Errc code : {Errc::busy, Errc::access_denied}) {
    BusyPorts ports(bench_.world().serial, code);
    discovery::World world{bench_.world().usb, ports, bench_.world().clock};
    const base::Instant begin = bench_.world().clock.now();
    const auto there = reach::to_dfu(bench_.context_in(world), voice_, device_, attended());
    ASSERT_FALSE(there);
    EXPECT_EQ(there.error().code, code);
    EXPECT_EQ(there.error().hint, "do something");
    EXPECT_LT(bench_.world().clock.now() - begin, seconds(15));
    EXPECT_EQ(bench_.times_mode_pressed, 0);
  }
}

// The system has made the port and is not done with it.
TEST_F(Obstacles, APortThatCannotBeOpenedYetIsTriedAgainInPeace) {
  start("0.6.4", kSmall);
  BusyPorts ports(bench_.world().serial, Errc::usb_io);
  discovery::World world{bench_.world().usb, ports, bench_.world().clock};
  Patience options = unattended();
  options.by_itself = seconds(5);
  EXPECT_FALSE(reach::to_listening(bench_.context_in(world), voice_, device_, options));
  EXPECT_LT(ports.openings, 60);
}

// Counts what a technician's terminal program would see of the line.
class WatchedPorts final : public serial::Ports {
 public:
  explicit WatchedPorts(serial::Ports& real) : real_(real) {}
  base::Result<std::vector<serial::PortInfo>> list() override { return real_.list(); }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    ++openings;
    TRY_ASSIGN(auto port, real_.open(path));
    return std::unique_ptr<serial::Port>(std::make_unique<Line>(*this, std::move(port)));
  }
  int openings = 0;
  bool deaf = false;  // passes over every rate and takes no byte
  std::vector<std::uint32_t> rates_at_writes;

 private:
  class Line final : public serial::Port {
   public:
    Line(WatchedPorts& watch, std::unique_ptr<serial::Port> real)
        : watch_(watch), real_(std::move(real)) {}
    base::Result<> set_baud(std::uint32_t baud) override {
      baud_ = baud;
      return watch_.deaf ? base::Result<>() : real_->set_baud(baud);
    }
    base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
      watch_.rates_at_writes.push_back(baud_);
      return real_->write(bytes, timeout);
    }
    base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
      return real_->read(most, timeout);
    }
    void discard_input() override { real_->discard_input(); }

   private:
    WatchedPorts& watch_;
    std::unique_ptr<serial::Port> real_;
    std::uint32_t baud_ = 0;
  };
  serial::Ports& real_;
};

TEST_F(Obstacles, QuestionsAreAskedAtTheQuietRate) {
  start("0.6.4", kSmall);
  WatchedPorts ports(bench_.world().serial);
  discovery::World world{bench_.world().usb, ports, bench_.world().clock};
  ASSERT_TRUE(reach::to_listening(bench_.context_in(world), voice_, device_, unattended()));
  EXPECT_THAT(ports.rates_at_writes, testing::Each(9600U));
}

// Closing it may block for half a minute, and the device has no unfinished packet to wait for.
TEST_F(Obstacles, ADeviceThatTakesNoByteIsAskedAgainOnTheSamePort) {
  start("1.5.2", kSmall);
  WatchedPorts ports(bench_.world().serial);
  ports.deaf = true;
  NoRequests host(bench_.world().usb);
  discovery::World world{host, ports, bench_.world().clock};
  Patience options = unattended();
  options.by_itself = seconds(8);
  EXPECT_FALSE(reach::to_listening(bench_.context_in(world), voice_, device_, options));
  EXPECT_EQ(ports.openings, 1);
  EXPECT_EQ(ports.rates_at_writes.size(), 2U) << "two tries in eight seconds";
}

TEST_F(Obstacles, WithoutPermissionTheErrorSaysSo) {
  start("0.5.3", kSmall);
  BusyPorts ports(bench_.world().serial, Errc::access_denied);
  discovery::World world{bench_.world().usb, ports, bench_.world().clock};
  const work::Context around = bench_.context_in(world);
  EXPECT_EQ(reach::to_dfu(around, voice_, device_, unattended()).error().code, Errc::access_denied);
  EXPECT_EQ(reach::to_listening(around, voice_, device_, unattended()).error().code,
            Errc::access_denied);
}

TEST_F(Obstacles, NobodyThereIsATimeoutThatSaysWhatToPress) {
  start("0.5.3", kSmall);
  bench_.helpful = false;
  const auto there = reach::to_listening(bench_.context(), voice_, device_, attended());
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::timeout);
  EXPECT_THAT(there.error().hint, testing::HasSubstr("hold MODE for 3 seconds"));
}

TEST_F(Obstacles, ADeviceThatIsUnpluggedMeanwhileIsWaitedFor) {
  start("0.6.4", kSmall);
  bench_.wire().at(bench_.wire().now() + milliseconds(700), [this] { bench_.board().plug(false); });
  bench_.wire().at(bench_.wire().now() + seconds(3), [this] { bench_.board().plug(true); });
  const auto there = reach::to_listening(bench_.context(), voice_, device_, unattended());
  ASSERT_TRUE(there) << there.error().message;
}

TEST_F(Obstacles, ADeviceThatStaysAwayIsATimeout) {
  start("0.6.4", kSmall);
  bench_.wire().at(bench_.wire().now() + milliseconds(700), [this] { bench_.board().plug(false); });
  const auto there = reach::to_listening(bench_.context(), voice_, device_, unattended());
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::timeout);
}

TEST_F(Obstacles, AnInterruptionEndsTheWait) {
  start("0.5.3", kSmall);
  bench_.helpful = false;
  bench_.wire().at(bench_.wire().now() + seconds(2), [this] { bench_.cancel().request(); });
  const auto there = reach::to_listening(bench_.context(), voice_, device_, attended());
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::cancelled);
}

// 28800 in 0.5.x waits behind the connection attempt.
TEST_F(Obstacles, WithPatienceA05DeviceListensWithoutAnybody) {
  start("0.5.3", kSmall);
  bench_.helpful = false;
  Patience options = unattended();
  options.by_itself = seconds(330);
  options.release = "0.5.3";
  const auto there = reach::to_listening(bench_.context(), voice_, device_, options);
  ASSERT_TRUE(there) << there.error().message;
}

// It needs no patience of its caller: 0.5.x is waited for as long as it needs.
TEST_F(Obstacles, A05DeviceIsWaitedForAsLongAsItsReleaseNeeds) {
  for (const char* release : {"0.5.0", "0.5.1", "0.5.2", "0.5.3"}) {
    SCOPED_TRACE(release);
    VirtualBench bench("6");
    bench.install(release, kSmall);
    bench.power_on();
    work::Voice voice(bench, "usb:1-1");
    Patience options = unattended();
    options.release = release;
    const auto there = reach::to_listening(bench.context(), voice, *bench.find(), options);
    ASSERT_TRUE(there) << there.error().message;
    EXPECT_EQ(bench.times_mode_pressed, 0);
  }
}

// Where nobody comes to hold MODE, 28800 is sent after all; and after it nobody is asked again.
TEST_F(Obstacles, A05DeviceWhoseButtonNobodyHoldsListensByItself) {
  start("0.5.3", kSmall);
  bench_.helpful = false;
  Patience options = attended();
  options.release = "0.5.3";
  const auto there = reach::to_listening(bench_.context(), voice_, device_, options);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(bench_.events_of<events::PersonNeeded>().size(), 1U)
      << "one request, and none once 28800 was sent";
}

// Of a release that is not known 28800 is never sent: 0.4.x takes it for a transfer.
TEST_F(Obstacles, AnOldDeviceOfUnknownReleaseIsNeverToldByItsRate) {
  start("0.5.3", kSmall);
  bench_.helpful = false;
  const auto there = reach::to_listening(bench_.context(), voice_, device_, attended());
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::timeout);
  bench_.pass(seconds(320));
  EXPECT_TRUE(bench_.runs()) << "nothing was left waiting in it";
}

// Whoever wishes to stop before the device was touched finds it as it was; once it was told to go,
// it is waited for, so that what is said about it is true.
TEST_F(Obstacles, AWishToStopBeforeTheTouchLeavesTheDeviceAlone) {
  start("0.6.4", kSmall);
  bench_.cancel().request();
  const auto there = reach::to_dfu(bench_.context(), voice_, device_, attended());
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::cancelled);
  bench_.pass(seconds(30));
  EXPECT_TRUE(bench_.runs());
}

}  // namespace
}  // namespace job::test
