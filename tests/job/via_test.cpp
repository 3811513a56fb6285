// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/virtual_bench.h"

#include <gtest/gtest.h>

namespace job::test {
namespace {

constexpr std::uint32_t kSmall = 2000;

class WayOfAJob : public testing::Test {
 protected:
  void start(std::string_view release, std::string_view bootloader) {
    bench_ = std::make_unique<VirtualBench>(bootloader);
    bench_->install(release, kSmall);
    bench_->power_on();
  }
  events::DeviceReport run(Via via, const release::Library& files, std::string_view target) {
    Request request = bench_->request(files, target);
    request.via = via;
    return run_in(bench_->world(), *bench_->find(), request);
  }
  events::DeviceReport run_in(discovery::World& world, const discovery::Device& device,
                              Request request) {
    const work::Context with = bench_->context_in(world);
    return job::run(with, device, request);
  }
  Request automatic(const release::Library& files, std::string_view target) const {
    Request request = bench_->request(files, target);
    request.via = Via::automatic;
    return request;
  }
  std::unique_ptr<VirtualBench> bench_;
};

TEST_F(WayOfAJob, OverDfuTheDeviceConfirmsByItsOwnAnswer) {
  start("0.4.8-rc.6", "6");
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = run(Via::automatic, files, "0.6.4");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
  EXPECT_FALSE(report.confirmed_modules.empty());
  EXPECT_EQ(bench_->times_mode_pressed, 0);
  EXPECT_TRUE(bench_->runs());
  EXPECT_NE(bench_->board().led().colour, "blue");
  EXPECT_GT(bench_->count(sim::TransferKind::dnload), 0U);
}

TEST_F(WayOfAJob, OneJobEndsOnceAndLast) {
  start("0.6.3", "11");
  const release::Library files = library({"0.6.4"}, kSmall);
  ASSERT_TRUE(run(Via::automatic, files, "0.6.4").ok());
  EXPECT_EQ(bench_->events_of<events::JobFinished>().size(), 1U);
  EXPECT_TRUE(std::holds_alternative<events::JobFinished>(bench_->events.back()));
}

TEST_F(WayOfAJob, BySerialNothingGoesOverDfu) {
  start("0.6.4", "11");
  const release::Library files = library({"2.3.1"}, kSmall);
  const events::DeviceReport report = run(Via::serial, files, "2.3.1");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_->holds("2.3.1", kSmall));
  EXPECT_EQ(bench_->count(sim::TransferKind::dnload), 0U);
}

// The application has changed the speed that means DFU mode, and there are no USB requests yet.
TEST_F(WayOfAJob, A04DeviceThatDoesNotHearTheTouchGoesOverTheSerialLineInTwoStages) {
  bench_ = std::make_unique<VirtualBench>("6");
  bench_->modem.dfu_touch = false;
  bench_->modem.sim_card = false;  // so that it listens by itself
  bench_->helpful = false;
  bench_->install("0.4.8-rc.6", kSmall);
  bench_->power_on();
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = run(Via::automatic, files, "0.6.4");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
  EXPECT_EQ(bench_->count(sim::TransferKind::dnload), 0U);
}

// Its bootloader does not come up: neither the touch nor the request does anything.
class NoDfu final : public usb::Host {
 public:
  explicit NoDfu(usb::Host& real) : real_(real) {}
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    return real_.list(vendor);
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo&) override {
    return base::make_error(base::Errc::access_denied, "not ours to open");
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    real_.wait_for_change(most, cancel);
  }

 private:
  usb::Host& real_;
};

// Passes over 14400.
class DeafPorts final : public serial::Ports {
 public:
  explicit DeafPorts(serial::Ports& real) : real_(real) {}
  base::Result<std::vector<serial::PortInfo>> list() override { return real_.list(); }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    TRY_ASSIGN(auto port, real_.open(path));
    return std::unique_ptr<serial::Port>(std::make_unique<Line>(std::move(port)));
  }

 private:
  class Line final : public serial::Port {
   public:
    explicit Line(std::unique_ptr<serial::Port> real) : real_(std::move(real)) {}
    base::Result<> set_baud(std::uint32_t baud) override {
      if (baud == electron().serial.dfu_baud) return {};
      return real_->set_baud(baud);
    }
    base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
      return real_->write(bytes, timeout);
    }
    base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
      return real_->read(most, timeout);
    }
    void discard_input() override { real_->discard_input(); }

   private:
    std::unique_ptr<serial::Port> real_;
  };
  serial::Ports& real_;
};

TEST_F(WayOfAJob, WhereDfuCannotBeReachedItFallsBackToTheSerialLine) {
  start("0.6.4", "11");
  bench_->helpful = false;
  const release::Library files = library({"2.3.1"}, kSmall);
  NoDfu host(bench_->world().usb);
  DeafPorts ports(bench_->world().serial);
  discovery::World world{host, ports, bench_->world().clock};
  discovery::Device device = *bench_->find();
  device.id.clear();
  const events::DeviceReport report = run_in(world, device, automatic(files, "2.3.1"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_->holds("2.3.1", kSmall));
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
  EXPECT_EQ(bench_->count(sim::TransferKind::dnload), 0U);
}

TEST_F(WayOfAJob, ARunningDeviceThatWasOnlyLookedAtRunsAgain) {
  start("1.5.2", "400");
  const release::Library files = library({"2.3.1"}, kSmall);
  Request request = automatic(files, "2.3.1");
  request.dry_run = true;
  const events::DeviceReport looked = run_in(bench_->world(), *bench_->find(), request);
  ASSERT_TRUE(looked.ok()) << looked.error->message;
  EXPECT_TRUE(looked.plan.has_value());
  EXPECT_TRUE(bench_->runs());
  EXPECT_EQ(looked.whereabouts, events::Whereabouts::serial);
}

TEST_F(WayOfAJob, ARunningDeviceWhoseTargetIsRefusedRunsAgain) {
  start("1.5.2", "400");
  const release::Library files = library({"0.6.3"}, kSmall);
  const events::DeviceReport refused = run(Via::automatic, files, "0.6.3");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error->code, base::Errc::refused);
  EXPECT_TRUE(bench_->runs());
}

TEST_F(WayOfAJob, ADeviceThatComesBackOnceAndVanishesIsNoSuccess) {
  start("1.5.2", "400");
  const release::Library files = library({"2.3.1"}, kSmall);
  bench_->on_event = [&](const events::Event& event) {
    const auto* asking = std::get_if<events::StepStarted>(&event);
    if (asking != nullptr && asking->doing == events::Doing::confirm) bench_->board().power(false);
  };
  bench_->helpful = false;
  const events::DeviceReport report = run(Via::automatic, files, "2.3.1");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::not_back);
  EXPECT_EQ(report.whereabouts, events::Whereabouts::gone);
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::none);
  EXPECT_TRUE(bench_->holds("2.3.1", kSmall));
}

TEST_F(WayOfAJob, ADeviceThatEndsInSafeModeIsNoSuccessUnlessItIsAccepted) {
  start("1.5.2", "400");
  bench_->load(user_part(5, 3200));
  const release::Library files = library({"2.3.1"}, kSmall);
  const events::DeviceReport failed = run(Via::automatic, files, "2.3.1");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error->id, "safe-mode");
  EXPECT_EQ(failed.error->code, base::Errc::not_back);
  EXPECT_TRUE(bench_->holds("2.3.1", kSmall));
  Request request = automatic(files, "2.3.1");
  std::get<ToRelease>(request.goal).accept_safe_mode = true;
  const events::DeviceReport report = run_in(bench_->world(), *bench_->find(), request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_NE(report.device_state.find("safe mode"), std::string::npos) << report.device_state;
}

// A port that somebody else holds, or that is not ours to open.
class ClosedPorts final : public serial::Ports {
 public:
  ClosedPorts(serial::Ports& real, base::Errc why) : real_(real), why_(why) {}
  base::Result<std::vector<serial::PortInfo>> list() override { return real_.list(); }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    return base::make_error(why_, "opening " + path);
  }

 private:
  serial::Ports& real_;
  base::Errc why_;
};

TEST_F(WayOfAJob, APortThatIsKeptFromUsEndsTheJobAtOnceWithThatError) {
  for (const base::Errc why : {base::Errc::access_denied, base::Errc::busy}) {
    start("0.6.4", "11");
    bench_->helpful = false;
    const release::Library files = library({"2.3.1"}, kSmall);
    NoDfu host(bench_->world().usb);
    ClosedPorts ports(bench_->world().serial, why);
    discovery::World world{host, ports, bench_->world().clock};
    const events::DeviceReport report = run_in(world, *bench_->find(), automatic(files, "2.3.1"));
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error->code, why);
    EXPECT_TRUE(bench_->events_of<events::PersonNeeded>().empty());
  }
}

}  // namespace
}  // namespace job::test
