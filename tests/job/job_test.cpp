// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/virtual_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace job::test {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kSmall = 9000;

TEST(RunJob, BringsADeviceInDfuModeToTheNextRelease) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_TRUE(bench.runs());
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
  EXPECT_EQ(report.whereabouts, events::Whereabouts::serial);
  ASSERT_EQ(report.stages.size(), 1U);
  for (const events::StepReport& step : report.stages[0].steps) {
    EXPECT_EQ(step.erased, step.step.action != plan::Action::guard_close);
    EXPECT_TRUE(step.written && step.verified) << step.step.content.name;
    EXPECT_EQ(step.attempts, 1);
  }
}

TEST(RunJob, SendsARunningDeviceToDfuModeFirst) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.power_on();
  ASSERT_TRUE(bench.runs());
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_EQ(bench.times_mode_pressed, 0);
}

TEST(RunJob, GoesInTwoStagesAndStartsTheDeviceInBetween) {
  VirtualBench bench("6");
  bench.install("0.4.8-rc.6", kSmall);
  bench.power_on();
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_EQ(report.stages.size(), 2U);
  EXPECT_EQ(report.stages[0].release->text(), "0.5.3");
  EXPECT_TRUE(report.stages[0].booted);
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_TRUE(bench.runs());
  EXPECT_EQ(bench.times_mode_pressed, 0);
}

// The firmware of the first stage protects the sector of part 3, which is still blank.
TEST(RunJob, LiftsTheWriteProtectionOfABlankSector) {
  VirtualBench bench("6");
  bench.install("0.4.8-rc.6", kSmall);
  bench.power_on();
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_EQ(report.stages.size(), 2U);
  for (const events::StepReport& step : report.stages[1].steps) {
    EXPECT_EQ(step.erased, step.step.action != plan::Action::guard_close);
    EXPECT_TRUE(step.verified) << step.step.content.name;
    EXPECT_EQ(step.attempts, 1);
  }
  EXPECT_TRUE(bench.events_of<events::Retrying>().empty());
}

TEST(RunJob, WritesOnlyWhatDiffers) {
  VirtualBench bench("11");
  bench.install("0.6.4", kSmall);
  for (const firmware::CheckedModule& module : synthesised("0.6.3", kSmall)) {
    if (module.id() == platform::kSystemPart2) bench.load(module);
  }
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  // Part 2, and part 1 for the guard: interrupted at any moment the device returns to DFU mode.
  EXPECT_EQ(report.totals.sectors_erased, 2U);
  ASSERT_TRUE(report.plan->stages[0].guard);
}

TEST(RunJob, WritesNothingWhenThereIsNothingToDo) {
  VirtualBench bench("11");
  bench.install("0.6.4", kSmall);
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(report.totals.bytes_written, 0U);
  EXPECT_EQ(report.totals.sectors_erased, 0U);
  EXPECT_TRUE(bench.runs());
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::listening);
}

TEST(RunJob, BringsADeviceWithNothingValidToRun) {
  VirtualBench bench("11");
  bench.start_in_dfu();
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_TRUE(bench.runs());
}

TEST(RunJob, ErasesABlankSectorOnlyIfItMayBeWriteProtected) {
  VirtualBench bench("11");
  bench.install("0.6.4", kSmall);
  bench.board().flash().fill_blank(electron().slot(platform::kSystemPart3)->flash);
  bench.board().flash().fill_blank(electron().slot(platform::kUserPart)->flash);
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, kSmall);
  Request request = bench.request(files, "0.6.4");
  goal_of(request).user_part = user_part(7, 110);
  const events::DeviceReport report = bench.run(request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.6.4", kSmall));
  EXPECT_TRUE(bench.holds(*goal_of(request).user_part));
  // Those of part 3 and, for the guard, of part 1; not that of the application.
  EXPECT_EQ(report.totals.sectors_erased, 2U);
}

TEST(RunJob, AsksForTheButtonWhenTheDeviceDoesNotAnswer) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.power_on();
  bench.fault("random 1 every 1: stall");
  bench.on_event = [&](const events::Event& event) {
    if (std::holds_alternative<events::PersonNeeded>(event)) bench.no_faults();
  };
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(bench.times_mode_pressed, 1);
  const auto asked = bench.events_of<events::PersonNeeded>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_THAT(asked[0].what, HasSubstr("MODE"));
  EXPECT_THAT(asked[0].what, HasSubstr("yellow"));
}

TEST(RunJob, SaysWhereTheDeviceIsWhenNobodyPressesTheButton) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.power_on();
  bench.helpful = false;
  bench.fault("random 1 every 1: stall");
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::timeout);
  EXPECT_THAT(report.error->hint, HasSubstr("MODE"));
  EXPECT_EQ(report.whereabouts, events::Whereabouts::serial);
}

TEST(RunJob, StaysInDfuModeIfAsked) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, kSmall);
  Request request = bench.request(files, "0.6.4");
  goal_of(request).leave_in_dfu = true;
  const events::DeviceReport report = bench.run(request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(report.whereabouts, events::Whereabouts::dfu);
  EXPECT_EQ(report.confirmed, events::ConfirmedBy::dfu);
  EXPECT_FALSE(report.confirmed_modules.empty());
  EXPECT_FALSE(bench.runs());
}

TEST(RunJob, ADryRunWritesNothing) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  const base::Bytes before = bench.flash();
  const release::Library files = library({"0.6.4"}, kSmall);
  Request request = bench.request(files, "0.6.4");
  request.dry_run = true;
  request.backup_path = "/nonexistent/never.erbackup";
  const events::DeviceReport report = bench.run(request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_TRUE(report.plan);
  EXPECT_FALSE(report.plan->nothing_to_do());
  EXPECT_EQ(bench.flash(), before);
  EXPECT_EQ(report.whereabouts, events::Whereabouts::dfu);
}

TEST(RunJob, ARunningDeviceThatWasOnlyLookedAtRunsAgain) {
  const release::Library files = library({"0.6.4"}, kSmall);
  VirtualBench bench("6");
  bench.install("0.4.8-rc.6", kSmall);
  bench.power_on();
  const events::DeviceReport refused = bench.run(bench.request(files, "0.6.4"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error->code, base::Errc::refused);
  EXPECT_EQ(refused.whereabouts, events::Whereabouts::serial);
  EXPECT_TRUE(bench.runs());

  VirtualBench dry("11");
  dry.install("0.6.3", kSmall);
  dry.power_on();
  Request request = dry.request(files, "0.6.4");
  request.dry_run = true;
  const events::DeviceReport looked = dry.run(request);
  ASSERT_TRUE(looked.ok()) << looked.error->message;
  EXPECT_EQ(looked.whereabouts, events::Whereabouts::serial);
  EXPECT_TRUE(dry.runs());
  EXPECT_TRUE(dry.holds("0.6.3", kSmall));
}

TEST(RunJob, StopsBeforeAnythingIsWrittenIfNotApproved) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  const base::Bytes before = bench.flash();
  const release::Library files = library({"0.6.4"}, kSmall);
  Request request = bench.request(files, "0.6.4");
  int asked = 0;
  request.approve = [&](const plan::Plan& plan) {
    ++asked;
    EXPECT_FALSE(plan.nothing_to_do());
    EXPECT_NE(plan.from.valid(platform::kSystemPart1), nullptr);
    return false;
  };
  const events::DeviceReport report = bench.run(request);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->id, "not-approved");
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(bench.flash(), before);
}

TEST(RunJob, ARefusalSaysWhatIsMissing) {
  VirtualBench bench("6");
  bench.install("0.4.8-rc.6", kSmall);
  bench.start_in_dfu();
  const base::Bytes before = bench.flash();
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::refused);
  ASSERT_TRUE(report.refusal);
  EXPECT_EQ(report.error->id, report.refusal->code);
  EXPECT_FALSE(report.refusal->needs.empty());
  EXPECT_EQ(bench.flash(), before);
}

TEST(RunJob, ADeviceThatMayNotBeOpenedIsAnHonestError) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  const auto device = bench.find();
  ASSERT_TRUE(device);
  bench.kill_after(0);
  const work::Context with = bench.context();
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = job::run(with, *device, bench.request(files, "0.6.4"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::access_denied);
}

TEST(RunJob, AnotherDeviceOnThePortIsNotFlashed) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  auto device = bench.find();
  ASSERT_TRUE(device);
  device->id = "ffffffffffffffffffffffff";  // it was another one that was looked at
  bench.fault("at upload 3: unplug 2s");
  const base::Bytes before = bench.flash();
  const work::Context with = bench.context();
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = job::run(with, *device, bench.request(files, "0.6.4"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->id, "another-device");
  EXPECT_EQ(bench.flash(), before);
}

// --- events ---

TEST(RunJob, StepsAreNotNestedAndTheShareOfTheJobNeverFalls) {
  VirtualBench bench("6");
  bench.install("0.4.8-rc.6", kSmall);
  bench.power_on();
  bench.fault("lost write at 0x08041000; at upload 9: stall; at getstatus 20: stall");
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_TRUE(std::holds_alternative<events::JobStarted>(bench.events.front()));
  bool open = false;
  bool planned = false;
  double share = 0;
  int finished = 0;
  for (const events::Event& event : bench.events) {
    EXPECT_EQ(finished, 0) << "nothing follows JobFinished";
    if (const auto* started = std::get_if<events::StepStarted>(&event)) {
      EXPECT_FALSE(open);
      open = true;
      EXPECT_TRUE(planned || !started->step) << "the plan comes before its first step";
    } else if (const auto* progress = std::get_if<events::Progress>(&event)) {
      EXPECT_GE(progress->share, share);
      EXPECT_LE(progress->share, 1);
      share = progress->share;
    } else if (std::holds_alternative<events::StepFinished>(event)) {
      EXPECT_TRUE(open);
      open = false;
    } else if (std::holds_alternative<events::PlanReady>(event)) {
      planned = true;
    } else if (const auto* end = std::get_if<events::JobFinished>(&event)) {
      ++finished;
      ASSERT_NE(end->report, nullptr);
      EXPECT_TRUE(end->good());
    }
  }
  EXPECT_FALSE(open);
  EXPECT_EQ(finished, 1);
  EXPECT_EQ(share, 1);
}

// What is told and what is done are one list: every step of the plan that writes begins once, in
// the plan's order.
TEST(RunJob, TheStepsThatAreDoneAreThoseOfThePlanInItsOrder) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  std::vector<std::string> planned;
  for (const plan::Step& step : report.plan->stages[0].steps) {
    if (step.writes()) planned.push_back(std::string(name(step.action)) + " " + step.content.name);
  }
  std::vector<std::string> done;
  for (const auto& step : bench.events_of<events::StepStarted>()) {
    if (step.step) done.push_back(std::string(name(step.doing)) + " " + step.subject);
  }
  EXPECT_EQ(done, planned);
  EXPECT_EQ(planned.front(), "guard-open system part 1");
  EXPECT_EQ(planned.back(), "guard-close system part 1");
}

TEST(RunJob, StopsAtASafePointWhereverItIsInterrupted) {
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  std::size_t events = 0;
  {
    VirtualBench bench("6");
    bench.install("0.4.8-rc.6", kSmall);
    bench.start_in_dfu();
    ASSERT_TRUE(bench.run(bench.request(files, "0.6.4")).ok());
    events = bench.events.size();
  }
  std::size_t interrupted = 0;
  for (std::size_t n = 1; n < events; ++n) {
    VirtualBench bench("6");
    bench.install("0.4.8-rc.6", kSmall);
    bench.start_in_dfu();
    bench.on_event = [&](const events::Event&) {
      if (bench.events.size() == n) bench.cancel().request();
    };
    const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
    if (!report.ok()) {
      ++interrupted;
      EXPECT_EQ(report.error->code, base::Errc::cancelled) << n << ": " << report.error->message;
      EXPECT_NE(report.whereabouts, events::Whereabouts::unknown) << n;
    }
    // Whatever it was at, a restart brings it up again without a hand on it.
    bench.on_event = nullptr;
    bench.board().power(false);
    bench.pass(seconds(1));
    bench.board().power(true);
    bench.pass(seconds(8));
    EXPECT_TRUE(bench.find()) << n << ": it takes a hand to reach it";
    bench.forget_interruption();
    const events::DeviceReport again = bench.run(bench.request(files, "0.6.4"));
    ASSERT_TRUE(again.ok()) << n << ": " << again.error->message;
    EXPECT_TRUE(bench.holds("0.6.4", kSmall)) << n;
    EXPECT_EQ(bench.times_mode_pressed, 0) << n;
  }
  EXPECT_GT(interrupted, events / 2);
}

TEST(RunJob, FinishesTheSectorWhereNoGuardIsPossible) {
  VirtualBench bench("1006");
  bench.install("2.3.1", kSmall);
  firmware::CheckedModule application = user_part(3, 1);
  bench.board().flash().load(electron().factory.begin, application.image());
  bench.start_in_dfu();
  bench.on_event = [&](const events::Event& event) {
    const auto* progress = std::get_if<events::Progress>(&event);
    const bool writes = progress != nullptr && progress->part == events::Part::write;
    if (writes && !bench.cancel().requested()) bench.cancel().request();
  };
  const release::Library files = library({"0.6.4"}, kSmall);
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::cancelled);
  ASSERT_EQ(report.stages.size(), 1U);
  EXPECT_FALSE(report.plan->stages[0].guard);
  EXPECT_TRUE(report.stages[0].steps[0].verified);
  EXPECT_FALSE(report.stages[0].steps[1].written);
}

// --- what is said about the device is true ---

std::string where_it_is(VirtualBench& bench) {
  if (bench.runs()) return "runs";
  const auto device = bench.find();
  if (!device) return "gone";
  return device->mode == discovery::Mode::dfu ? "dfu" : "serial";
}

// Ctrl-C at every event of a job on a running device: half a minute later the device is where the
// report says that it is, and one of which nothing was written runs.
TEST(RunJob, WhatIsSaidAboutAnInterruptedDeviceIsTrueHalfAMinuteLater) {
  const release::Library files = library({"0.6.4"}, kSmall);
  for (std::size_t n = 1;; ++n) {
    VirtualBench bench("11");
    bench.install("0.6.3", kSmall);
    bench.power_on();
    bool struck = false;
    bench.on_event = [&](const events::Event&) {
      if (bench.events.size() != n) return;
      struck = true;
      bench.cancel().request();
    };
    const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
    bench.on_event = nullptr;
    bench.pass(seconds(30));
    const std::string there = where_it_is(bench);
    switch (report.whereabouts) {
      case events::Whereabouts::dfu:
        EXPECT_EQ(there, "dfu") << n << ": " << report.device_state;
        break;
      case events::Whereabouts::serial:
      case events::Whereabouts::starting:
        EXPECT_EQ(there, "runs") << n << ": " << report.device_state;
        break;
      default:
        ADD_FAILURE() << n << ": " << report.device_state;
    }
    if (!report.touched()) {
      EXPECT_EQ(there, "runs") << n << ": it was only looked at";
    }
    EXPECT_EQ(bench.times_mode_pressed, 0) << n;
    if (!struck) break;
  }
}

// Up to bootloader 7 no device has an id: what this job has left there tells.
TEST(RunJob, AnotherOldDeviceOnThePortIsNotFlashedAsTheSame) {
  VirtualBench bench("6");
  bench.install("0.4.8-rc.6", kSmall);
  bench.start_in_dfu();
  const release::Library files = library({"0.5.3", "0.6.4"}, kSmall);
  bool swapped = false;
  base::Bytes other;
  bench.fault("at dnload 5: unplug 2s");
  bench.on_event = [&](const events::Event& event) {
    const auto* reach = std::get_if<events::StepStarted>(&event);
    if (swapped || reach == nullptr || reach->doing != events::Doing::reach) return;
    swapped = true;
    bench.install("0.5.3", kSmall);
    other = bench.flash();
  };
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(swapped);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->id, "another-device") << report.error->message;
  EXPECT_EQ(bench.flash(), other);
}

// Reading goes on from where it stopped, and only tries that get nowhere are counted.
TEST(RunJob, GetsThroughALineOnWhichEverySixtiethTransferFails) {
  for (int seed = 1; seed <= 8; ++seed) {
    VirtualBench bench("11");
    bench.install("0.6.3", 0);
    bench.start_in_dfu();
    bench.fault("random " + std::to_string(seed) + " every 60: stall, timeout, lost-answer");
    Request request;
    request.goal = Compare{synthesised("0.6.3", 0)};
    request.via = Via::dfu;
    const events::DeviceReport compared = bench.run(request);
    EXPECT_TRUE(compared.ok()) << seed << ": " << compared.error->message;
    const release::Library files = library({"0.6.4"}, 0);
    const events::DeviceReport flashed = bench.run(bench.request(files, "0.6.4"));
    bench.no_faults();
    EXPECT_TRUE(flashed.ok()) << seed << ": " << flashed.error->message;
    EXPECT_TRUE(bench.holds("0.6.4", 0)) << seed;
  }
}

// The same version and other bytes: written, by either way.
TEST(RunJob, ABuildWithTheSameVersionAndOtherBytesIsWritten) {
  for (const Via via : {Via::dfu, Via::serial}) {
    VirtualBench bench("11");
    bench.install("0.6.4", kSmall);
    bench.power_on();
    const release::Library files = library({"0.6.4"}, kSmall + 400);
    Request request = bench.request(files, "0.6.4");
    request.via = via;
    const events::DeviceReport report = bench.run(request);
    ASSERT_TRUE(report.ok()) << report.error->message;
    EXPECT_TRUE(bench.holds("0.6.4", kSmall + 400));
  }
}

// 10 names several releases of the 0.4 series.
TEST(RunJob, OverTheSerialLineAVersionThatNamesSeveralReleasesProvesNothing) {
  VirtualBench bench("6");
  bench.modem.sim_card = false;
  bench.modem.version = "0.4.8-rc.6";
  bench.install("0.4.8-rc.6", kSmall);
  bench.power_on();
  const release::Library files = library({"0.4.8-rc.6"}, kSmall + 400);
  Request request = bench.request(files, "0.4.8-rc.6");
  request.via = Via::serial;
  const events::DeviceReport report = bench.run(request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench.holds("0.4.8-rc.6", kSmall + 400));
}

// One job, with the bootloader in it: one plan, one end, one sum.
TEST(RunJob, ABootloaderIsAStageOfTheSameJob) {
  VirtualBench bench("11");
  bench.install("0.6.3", kSmall);
  bench.start_in_dfu();
  firmware::BuildRequest build;
  build.id = platform::kBootloader;
  build.version = 12;
  build.size = 15000;
  const auto bootloader = checked(firmware::build(build, electron()), "bootloader.bin");
  const release::Library files = library({"0.6.4"}, kSmall);
  Request request = bench.request(files, "0.6.4");
  goal_of(request).bootloader = bootloader;
  const events::DeviceReport report = bench.run(request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(bench.events_of<events::JobFinished>().size(), 1U);
  EXPECT_TRUE(bench.holds(bootloader));
  ASSERT_EQ(report.stages.size(), 2U);
  EXPECT_TRUE(report.stages[1].steps[0].told);
  EXPECT_FALSE(report.stages[1].steps[0].verified) << "nothing of it was read back";
}

// --- cost ---

class Cost : public testing::TestWithParam<const char*> {};

TEST_P(Cost, NothingIsTransferredInVain) {
  VirtualBench bench(GetParam());
  bench.install("0.6.3", 0);
  bench.start_in_dfu();
  const release::Library files = library({"0.6.4"}, 0);
  bench.transfers.clear();
  const base::Instant start = bench.wire().now();
  base::Instant written{};
  bench.on_event = [&](const events::Event& event) {
    const auto* started = std::get_if<events::StepStarted>(&event);
    if (started != nullptr && started->doing == events::Doing::start) written = bench.wire().now();
  };
  const events::DeviceReport report = bench.run(bench.request(files, "0.6.4"));
  ASSERT_TRUE(report.ok()) << report.error->message;

  std::uint64_t bytes = 0;
  for (const firmware::CheckedModule& module : synthesised("0.6.4", 0)) {
    bytes += module.image().size();
  }
  EXPECT_EQ(report.totals.bytes_written, bytes);
  EXPECT_EQ(report.totals.bytes_verified, bytes);
  EXPECT_EQ(report.totals.sectors_erased, 3U);
  // Three a block, and what goes between the blocks; an erase, three as well, writes nothing.
  const std::uint64_t writing = report.totals.write_transfers - 3 * report.totals.sectors_erased;
  EXPECT_LE(static_cast<double>(writing), 3.2 * static_cast<double>(bytes) / 4096);

  // Erasing, programming, and the wire time of what is written and read back once.
  const sim::FlashTiming& timing = sim::typical_timing();
  const double wire_per_byte = 1e-6;
  const double floor =
      std::chrono::duration<double>(3 * timing.erase_128k).count() +
      static_cast<double>(bytes) / 4 * std::chrono::duration<double>(timing.word_program).count() +
      2 * wire_per_byte * static_cast<double>(bytes);
  const double took = std::chrono::duration<double>(written - start).count();
  RecordProperty("seconds", std::to_string(took));
  RecordProperty("floor", std::to_string(floor));
  EXPECT_LE(took, 1.15 * floor);
}

INSTANTIATE_TEST_SUITE_P(Bootloaders, Cost, testing::Values("7-0.5", "11", "101", "1006"));

}  // namespace
}  // namespace job::test
