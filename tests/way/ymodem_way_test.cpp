// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/virtual_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace job::test {
namespace {

using base::Errc;
using testing::HasSubstr;

constexpr std::uint32_t kSmall = 2000;

class YmodemWay : public testing::Test {
 protected:
  void start(std::string_view release, std::string_view bootloader) {
    bench_ = std::make_unique<VirtualBench>(bootloader);
    bench_->install(release, kSmall);
    bench_->power_on();
  }
  events::DeviceReport run(const release::Library& files, std::string_view target) {
    return run(bench_->request(files, target));
  }
  events::DeviceReport run(Request request) { return run_in(bench_->world(), std::move(request)); }
  events::DeviceReport run_in(discovery::World& world, Request request) {
    request.via = Via::serial;
    request.serial = options_;
    const work::Context with = bench_->context_in(world);
    return job::run(with, *bench_->find(), request);
  }
  static Request sending(const firmware::CheckedModule& module) {
    Request request;
    request.goal = SendModules{{module}};
    return request;
  }
  events::DeviceReport send(const firmware::CheckedModule& module) { return run(sending(module)); }
  static std::vector<int> indexes(const events::DeviceReport& report) {
    std::vector<int> order;
    for (const events::StageReport& stage : report.stages) {
      for (const events::StepReport& step : stage.steps) {
        if (step.written) order.push_back(step.step.content.module->index);
      }
    }
    return order;
  }

  std::unique_ptr<VirtualBench> bench_;
  way::YmodemOptions options_;
};

firmware::CheckedModule part_of(std::string_view release, int index) {
  for (const firmware::CheckedModule& module : synthesised(release, kSmall)) {
    if (module.id().index == index) return module;
  }
  ADD_FAILURE() << "no such part";
  return synthesised(release, kSmall).front();
}

TEST_F(YmodemWay, GoesUpPartByPartInTheOnlyOrder) {
  start("0.6.4", "11");
  const release::Library files = library({"2.3.1"}, kSmall);
  const events::DeviceReport report = run(files, "2.3.1");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(indexes(report), (std::vector<int>{3, 1, 2}));
  EXPECT_TRUE(bench_->holds("2.3.1", kSmall));
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
  EXPECT_EQ(report.whereabouts, events::Whereabouts::serial);
  EXPECT_EQ(report.id, "2b0036000a47333534393338");
  EXPECT_EQ(bench_->times_mode_pressed, 0);
  EXPECT_TRUE(bench_->runs());
  EXPECT_NE(bench_->board().led().colour, "blue") << "left in normal mode";
}

TEST_F(YmodemWay, GoesDownInTheReverseOrder) {
  start("2.3.1", "1004");
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = run(files, "0.6.4");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(indexes(report), (std::vector<int>{2, 1, 3}));
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
}

TEST_F(YmodemWay, GoesInTwoStagesFromThe04Series) {
  start("0.4.8-rc.6", "6");
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = run(files, "0.6.4");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(indexes(report), (std::vector<int>{1, 2, 3, 1, 2}));
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
}

TEST_F(YmodemWay, WithoutSimTheOldOnesNeedNobody) {
  bench_ = std::make_unique<VirtualBench>("6");
  bench_->modem.sim_card = false;
  bench_->helpful = false;
  bench_->install("0.4.8-rc.6", kSmall);
  bench_->power_on();
  options_.patience = reach::unattended();
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = run(files, "0.6.4");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
}

// Its word for a version proves no bytes.
TEST_F(YmodemWay, SendsWhatTheDeviceOnlySaysThatItHas) {
  start("0.6.4", "11");
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = run(files, "0.6.4");
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(indexes(report).size(), 3U);
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
}

TEST_F(YmodemWay, ADryRunSendsNothing) {
  start("0.6.4", "11");
  const release::Library files = library({"2.3.1"}, kSmall);
  Request request = bench_->request(files, "2.3.1");
  request.dry_run = true;
  const events::DeviceReport report = run(request);
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report.plan.has_value());
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
}

TEST_F(YmodemWay, WithoutApprovalNothingIsSent) {
  start("0.6.4", "11");
  const release::Library files = library({"2.3.1"}, kSmall);
  Request request = bench_->request(files, "2.3.1");
  request.approve = [](const plan::Plan&) { return false; };
  const events::DeviceReport report = run(request);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::cancelled);
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
  bench_->pass(seconds(1));
  EXPECT_NE(bench_->board().led().colour, "blue") << "left in normal mode";
}

TEST_F(YmodemWay, ADeviceThatTheRulesKeepFromItsTargetIsLeftRunning) {
  start("0.4.8-rc.6", "6");
  const release::Library files = library({"2.3.1"}, kSmall);
  const events::DeviceReport report = run(files, "2.3.1");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::refused);
  bench_->pass(seconds(1));
  EXPECT_NE(bench_->board().led().colour, "blue");
}

// Passes over `x` where it says so.
class DeafToX final : public serial::Ports {
 public:
  explicit DeafToX(serial::Ports& real) : real_(real) {}
  base::Result<std::vector<serial::PortInfo>> list() override { return real_.list(); }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    TRY_ASSIGN(auto port, real_.open(path));
    return std::unique_ptr<serial::Port>(std::make_unique<Line>(std::move(port)));
  }

 private:
  class Line final : public serial::Port {
   public:
    explicit Line(std::unique_ptr<serial::Port> real) : real_(std::move(real)) {}
    base::Result<> set_baud(std::uint32_t baud) override { return real_->set_baud(baud); }
    base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
      if (bytes.size() == 1 && bytes[0] == 'x') {
        return base::make_error(Errc::timeout, "not taken");
      }
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

TEST_F(YmodemWay, AConfirmedJobIsDoneAlsoWhereTheDeviceDoesNotHearThatItIs) {
  start("0.6.4", "11");
  DeafToX ports(bench_->world().serial);
  discovery::World world{bench_->world().usb, ports, bench_->world().clock};
  const release::Library files = library({"1.5.2"}, kSmall);
  const events::DeviceReport report = run_in(world, bench_->request(files, "1.5.2"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
}

TEST_F(YmodemWay, SendsABootloaderWhereTheReleaseTakesIt) {
  start("0.6.4", "11");
  firmware::BuildRequest build;
  build.id = platform::kBootloader;
  build.version = 12;
  build.size = 15000;
  const auto bootloader = checked(firmware::build(build, electron()), "bootloader");
  const events::DeviceReport report = send(bootloader);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_->holds(bootloader));
}

TEST_F(YmodemWay, The05SeriesTakesNoBootloader) {
  start("0.5.3", "6");
  firmware::BuildRequest build;
  build.id = platform::kBootloader;
  build.version = 12;
  build.size = 15000;
  const events::DeviceReport report =
      send(checked(firmware::build(build, electron()), "bootloader"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::refused);
  EXPECT_EQ(report.error->id, "rules-bootloader-not-accepted");
}

TEST_F(YmodemWay, AnApplicationThatHasSwitchedUpdatesOffIsNamed) {
  bench_ = std::make_unique<VirtualBench>("11");
  bench_->modem.updates_disabled = true;
  bench_->install("0.6.4", kSmall);
  bench_->power_on();
  const events::DeviceReport report = send(user_part(7, 1));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::refused);
  EXPECT_EQ(report.error->id, "device-refused-disabled");
  EXPECT_THAT(report.error->hint, HasSubstr("safe mode"));
}

TEST_F(YmodemWay, SendsAnApplication) {
  start("0.6.4", "11");
  const events::DeviceReport report = send(user_part(7, 110));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_->holds(user_part(7, 110)));
}

TEST_F(YmodemWay, WhatTheRulesForbidIsRefusedBeforeAnythingIsSent) {
  start("0.6.4", "11");
  const events::DeviceReport report = send(part_of("2.3.1", 2));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::refused);
  EXPECT_THAT(report.error->id, HasSubstr("rules-"));
  EXPECT_EQ(report.stages[0].steps[0].attempts, 0);
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
}

// --- the device's own refusal, in the words of each generation ---

struct Refusing {
  const char* release;
  const char* bootloader;
  const char* sent;  // release of the index 1 that it does not take
  const char* error;
};

class Refusal : public YmodemWay, public testing::WithParamInterface<Refusing> {};

TEST_P(Refusal, IsReportedAsSuchAndClaimsNothing) {
  start(GetParam().release, GetParam().bootloader);
  options_.check_rules = false;
  const auto module = part_of(GetParam().sent, 1);
  const events::DeviceReport report = send(module);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::refused);
  EXPECT_EQ(report.error->id, GetParam().error) << report.error->message;
  EXPECT_FALSE(report.stages[0].steps[0].verified);
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::none);
  EXPECT_FALSE(bench_->holds(module));
  EXPECT_TRUE(bench_->holds(GetParam().release, kSmall));
}

INSTANTIATE_TEST_SUITE_P(
    Generations, Refusal,
    testing::Values(Refusing{"0.6.0", "6", "2.3.1", "device-refused"},
                    Refusing{"0.6.4", "11", "2.3.1", "device-refused-dependencies"},
                    Refusing{"1.5.2", "400", "2.3.1", "device-refused-dependencies"},
                    Refusing{"2.3.1", "1004", "1.5.2", "device-refused"}),
    [](const auto& instance) {
      std::string name = instance.param.release;
      std::ranges::replace(name, '.', '_');
      return name;
    });

// --- things going wrong, and the same command again ---

class BadLine : public YmodemWay {
 protected:
  // Strikes once, then the job is run until it succeeds; never more than `most` times.
  void strike_and_run(const std::string& fault, int most) {
    start("0.6.4", "11");
    const std::vector<firmware::CheckedModule> modules{part_of("1.5.2", 3)};
    bench_->fault(fault);
    std::string last;
    for (int i = 0; i < most; ++i) {
      auto device = bench_->find();
      if (!device) {
        bench_->pass(seconds(20));
        device = bench_->find();
      }
      ASSERT_TRUE(device) << fault;
      const events::DeviceReport report = send(modules[0]);
      if (report.ok()) {
        EXPECT_TRUE(bench_->holds(modules[0])) << fault;
        EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
        return;
      }
      EXPECT_FALSE(report.error->message.empty());
      last += report.error->message + "; ";
    }
    ADD_FAILURE() << "not recovered from " << fault << ": " << last;
  }
  std::uint64_t transfers_of_a_good_run(sim::TransferKind kind) {
    start("0.6.4", "11");
    bench_->transfers.clear();
    EXPECT_TRUE(send(part_of("1.5.2", 3)).ok());
    return bench_->count(kind);
  }
};

TEST_F(BadLine, UnpluggedAtEveryPacketItRecovers) {
  const std::uint64_t packets = transfers_of_a_good_run(sim::TransferKind::bulk_out);
  ASSERT_GT(packets, 5U);
  for (std::uint64_t n = 1; n <= packets; ++n) {
    strike_and_run("at bulk-out " + std::to_string(n) + ": unplug 2s", 3);
    if (HasFatalFailure()) return;
  }
}

TEST_F(BadLine, WithoutPowerForAMomentAtEveryPacketItRecovers) {
  const std::uint64_t packets = transfers_of_a_good_run(sim::TransferKind::bulk_out);
  for (std::uint64_t n = 1; n <= packets; ++n) {
    strike_and_run("at bulk-out " + std::to_string(n) + ": power-cut 2s", 3);
    if (HasFatalFailure()) return;
  }
}

TEST_F(BadLine, WithEveryPacketLostItRecovers) {
  const std::uint64_t packets = transfers_of_a_good_run(sim::TransferKind::bulk_out);
  for (std::uint64_t n = 1; n <= packets; ++n) {
    strike_and_run("at bulk-out " + std::to_string(n) + ": lost-data", 3);
    if (HasFatalFailure()) return;
  }
}

TEST_F(BadLine, WithAnyAnswerLostItRecovers) {
  const std::uint64_t answers = transfers_of_a_good_run(sim::TransferKind::bulk_in);
  for (std::uint64_t n = 1; n <= answers; n += 1 + answers / 60) {
    strike_and_run("at bulk-in " + std::to_string(n) + ": lost-answer", 3);
    if (HasFatalFailure()) return;
  }
}

TEST_F(BadLine, UnpluggedAtAnyMomentItRecovers) {
  start("0.6.4", "11");
  const base::Instant begin = bench_->wire().now();
  ASSERT_TRUE(send(part_of("1.5.2", 3)).ok());
  const base::Micros whole = bench_->wire().now() - begin;
  for (int i = 0; i < 60; ++i) {
    const auto when = (whole * i / 60).count() / 1000;
    strike_and_run("at " + std::to_string(when) + "ms: unplug 3s", 3);
    if (HasFatalFailure()) return;
  }
}

TEST_F(BadLine, AtRandomItEndsHonestlyAndRecovers) {
  for (int seed = 1; seed <= 25; ++seed) {
    start("0.6.4", "11");
    const std::vector<firmware::CheckedModule> modules{part_of("1.5.2", 3)};
    bench_->fault("random " + std::to_string(seed) +
                  " every 400: lost-data, lost-answer, short 1, delay 300ms");
    const events::DeviceReport first = send(modules[0]);
    if (first.ok()) {
      EXPECT_TRUE(bench_->holds(modules[0])) << seed;
      EXPECT_EQ(first.confirmed, events::ConfirmedBy::listening) << seed;
    }
    bench_->no_faults();
    bench_->pass(seconds(60));
    const events::DeviceReport again = send(modules[0]);
    ASSERT_TRUE(again.ok()) << seed << ": " << again.error->message;
    EXPECT_TRUE(bench_->holds(modules[0]));
  }
}

// The whole way from one release to another, struck once anywhere, and run again until it is done.
TEST_F(BadLine, AWholeUpdateStruckAnywhereGetsThere) {
  const release::Library files = library({"2.3.1"}, kSmall);
  start("0.6.4", "11");
  bench_->transfers.clear();
  ASSERT_TRUE(run(files, "2.3.1").ok());
  const std::uint64_t packets = bench_->count(sim::TransferKind::bulk_out);
  for (const std::string what : {"unplug 2s", "power-cut 2s", "reset"}) {
    for (std::uint64_t n = 1; n <= packets; n += 5) {
      const std::string fault = "at bulk-out " + std::to_string(n) + ": " + what;
      SCOPED_TRACE(fault);
      start("0.6.4", "11");
      bench_->fault(fault);
      std::optional<events::DeviceReport> report;
      for (int i = 0; i < 3 && (!report || !report->ok()); ++i) {
        bench_->pass(seconds(10));
        ASSERT_TRUE(bench_->find());
        report = run(files, "2.3.1");
      }
      ASSERT_TRUE(report->ok()) << report->error->message;
      EXPECT_TRUE(bench_->holds("2.3.1", kSmall));
    }
  }
}

// Another device answers in place of the one that was there.
class SwappingPorts final : public serial::Ports {
 public:
  explicit SwappingPorts(serial::Ports& real) : real_(real) {}
  bool swapped = false;
  base::Result<std::vector<serial::PortInfo>> list() override { return real_.list(); }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    TRY_ASSIGN(auto port, real_.open(path));
    return std::unique_ptr<serial::Port>(std::make_unique<Line>(std::move(port), swapped));
  }

 private:
  class Line final : public serial::Port {
   public:
    Line(std::unique_ptr<serial::Port> real, const bool& swapped)
        : real_(std::move(real)), swapped_(swapped) {}
    base::Result<> set_baud(std::uint32_t baud) override { return real_->set_baud(baud); }
    base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
      return real_->write(bytes, timeout);
    }
    base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
      TRY_ASSIGN(base::Bytes bytes, real_->read(most, timeout));
      std::string text = base::as_text(bytes);
      const std::size_t at = text.find("2b0036000a47");
      if (swapped_ && at != std::string::npos) text.replace(at, 6, "2b00ff");
      const base::ByteView view = base::as_bytes(text);
      return base::Bytes(view.begin(), view.end());
    }
    void discard_input() override { real_->discard_input(); }

   private:
    std::unique_ptr<serial::Port> real_;
    const bool& swapped_;
  };
  serial::Ports& real_;
};

TEST_F(BadLine, AnotherDeviceOnThePortIsItsOwnError) {
  start("1.5.2", "400");
  SwappingPorts ports(bench_->world().serial);
  discovery::World world{bench_->world().usb, ports, bench_->world().clock};
  bench_->on_event = [&](const events::Event& event) {
    const auto* step = std::get_if<events::StepStarted>(&event);
    if (step != nullptr && step->doing == events::Doing::send) ports.swapped = true;
  };
  const std::vector<firmware::CheckedModule> modules{user_part(7, 1)};
  const events::DeviceReport report = run_in(world, sending(modules[0]));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::no_device);
  EXPECT_EQ(report.error->id, "another-device");
}

TEST_F(BadLine, ADeviceThatStaysAwayIsGone) {
  start("0.6.4", "11");
  bench_->helpful = false;
  options_.patience = reach::unattended();
  bench_->fault("at bulk-out 30: unplug 3600s");
  const events::DeviceReport report = send(part_of("1.5.2", 3));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::device_gone);
  EXPECT_EQ(report.whereabouts, events::Whereabouts::gone);
}

TEST_F(BadLine, AnInterruptionLeavesADeviceThatGoesOn) {
  start("0.6.4", "11");
  const release::Library files = library({"2.3.1"}, kSmall);
  bench_->on_event = [this](const events::Event& event) {
    if (std::holds_alternative<events::Progress>(event)) bench_->cancel().request();
  };
  const events::DeviceReport report = run(files, "2.3.1");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, Errc::cancelled);
  EXPECT_TRUE(bench_->holds("0.6.4", kSmall));
}

}  // namespace
}  // namespace job::test
