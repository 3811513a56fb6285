// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/job_report.h"

#include "plan/shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

using plan_test::at;
using plan_test::planned;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

Json json_of(const events::DeviceReport& job) { return job_json(job, plan_test::catalogue()); }
std::string text_of(const events::DeviceReport& job) {
  return job_text(job, plan_test::catalogue(), {.colour = false, .width = 0});
}

// A job to 0.6.4 of which nothing has been done yet.
events::DeviceReport planned_job() {
  events::DeviceReport job;
  // Without a guard a step is a part.
  job.plan = std::get<plan::Plan>(plan_test::outcome(
      at("0.6.3", 11), "0.6.4", plan_test::library({"0.6.4"}), plan::Medium::serial));
  job.before = job.plan->from;
  return job;
}

events::StageReport round(const events::DeviceReport& job) {
  events::StageReport stage;
  stage.release = job.plan->stages[0].release;
  for (const plan::Step& step : job.plan->stages[0].steps) stage.steps.push_back({.step = step});
  return stage;
}

events::StepReport finished(events::StepReport step) {
  step.erased = step.written = step.verified = true;
  step.bytes_written = step.bytes_verified = 4096;
  step.attempts = 1;
  step.seconds = 2;
  return step;
}

// The rounds of a job, added up as it does.
void add(events::StageReport& sum, const events::StageReport& later) {
  for (std::size_t i = 0; i < sum.steps.size(); ++i) add_round(sum.steps[i], later.steps[i]);
}

// The device was lost after the first step; looked at afresh, that one is found right.
events::DeviceReport job_with_a_loss() {
  events::DeviceReport job = planned_job();
  events::StageReport first = round(job);
  first.steps[0] = finished(first.steps[0]);
  first.steps[1].erased = true;
  first.steps[1].attempts = 1;
  events::StageReport second = round(job);
  second.steps[0].verified = true;
  second.steps[1] = finished(second.steps[1]);
  second.steps[2] = finished(second.steps[2]);
  add(first, second);
  job.stages = {first};
  return job;
}

TEST(JobReport, AStepThatWasFinishedBeforeTheDeviceWasLostWasWrittenByThisJob) {
  const Json steps = json_of(job_with_a_loss())["stages"][0]["steps"];
  ASSERT_EQ(steps.size(), 3U);
  for (const Json& step : steps) {
    EXPECT_EQ(step["erased"], true);
    EXPECT_EQ(step["written"], true);
    EXPECT_EQ(step["verified"], true);
    EXPECT_EQ(step["seconds"], 2.0);
  }
  EXPECT_THAT(text_of(job_with_a_loss()), Not(HasSubstr("was right already")));
}

TEST(JobReport, WhatALaterRoundErasedAndDidNotFinishIsNotWritten) {
  events::DeviceReport job = planned_job();
  events::StageReport first = round(job);
  first.steps[0] = finished(first.steps[0]);
  events::StageReport second = round(job);
  second.steps[0].erased = true;
  second.steps[0].attempts = 4;
  add(first, second);
  job.stages = {first};
  const Json step = json_of(job)["stages"][0]["steps"][0];
  EXPECT_EQ(step["written"], false);
  EXPECT_EQ(step["verified"], false);
}

TEST(JobReport, WhatWasNotReachedAgainIsStillWhatItWas) {
  events::DeviceReport job = planned_job();
  events::StageReport first = round(job);
  first.steps[0] = finished(first.steps[0]);
  add(first, round(job));
  job.stages = {first};
  EXPECT_EQ(json_of(job)["stages"][0]["steps"][0]["verified"], true);
  EXPECT_EQ(json_of(job)["stages"][0]["steps"][1]["verified"], false);
}

TEST(JobReport, ShowsTheBootloaderThatTheFirmwareInstalledAtItsFirstStart) {
  events::DeviceReport job = planned_job();
  plan::InstalledModule bootloader = plan::module_by_age(platform::kBootloader, 11, std::nullopt);
  job.before->modules.insert(job.before->modules.begin(), bootloader);
  job.after = job.before;
  std::get<plan::Told>(bootloader.seen).version = 400;
  job.confirmed = events::ConfirmedBy::listening;
  job.confirmed_modules = {bootloader};
  job.bootloaders = {11, 400};
  EXPECT_THAT(text_of(job),
              testing::ContainsRegex("bootloader +11 +400 +replaced by the system firmware as it "
                                     "started: 11 -> 400"));
  EXPECT_EQ(json_of(job)["device"]["bootloader_version"], 400);
}

TEST(JobReport, SaysInWhichModeTheDeviceIsAndWithWhichBootloader) {
  events::DeviceReport job = planned_job();
  job.whereabouts = events::Whereabouts::dfu;
  const Json in_dfu = json_of(job)["device"];
  EXPECT_EQ(in_dfu["mode"], "dfu");
  EXPECT_EQ(in_dfu["bootloader_version"], 11);
  job.whereabouts = events::Whereabouts::serial;
  EXPECT_EQ(json_of(job)["device"]["mode"], "serial");
  job.whereabouts = events::Whereabouts::gone;
  EXPECT_TRUE(json_of(job)["device"]["mode"].is_null());
}

// First state and last are alike, and yet it was replaced twice.
TEST(JobReport, ABootloaderThatWasReplacedAndPutBackIsNotUntouched) {
  events::DeviceReport job = planned_job();
  job.before->modules.insert(job.before->modules.begin(),
                             plan::module_by_age(platform::kBootloader, 1004, std::nullopt));
  job.after = job.before;
  job.bootloaders = {1004, 11, 1004};
  EXPECT_THAT(text_of(job), HasSubstr("1004 -> 11 -> 1004"));
}

TEST(JobReport, TellsOfEachRegionThatWasRestored) {
  events::DeviceReport job;
  job.goal = "restore";
  job.before = at("0.6.4", 11);
  events::StepReport part;
  part.step.action = plan::Action::write;
  part.step.content.name = "system part 1";
  part.step.content.module = platform::kSystemPart1;
  part.step.content.place = platform::electron().slot(platform::kSystemPart1)->flash;
  part = finished(part);
  events::StepReport factory;
  factory.step.action = plan::Action::skip;
  factory.step.content.name = "factory application";
  factory.step.content.place = platform::electron().factory;
  factory.verified = true;
  events::StageReport stage;
  stage.steps = {part, factory};
  job.stages = {stage};
  const std::string text = text_of(job);
  EXPECT_THAT(text, testing::ContainsRegex("system part 1.*written, read back, equal"));
  EXPECT_THAT(text, testing::ContainsRegex("system part 2.*not touched"));
  EXPECT_THAT(text, testing::ContainsRegex("factory application.*was right already"));
  const Json regions = json_of(job)["regions"];
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_EQ(regions[0]["name"], "system-part-1");
  EXPECT_EQ(regions[0]["bytes_written"], 4096);
  EXPECT_EQ(regions[0]["address"], "0x08020000");
  EXPECT_EQ(regions[0]["written"], true);
  EXPECT_EQ(regions[1]["name"], "factory");
  EXPECT_EQ(regions[1]["written"], false);
  EXPECT_EQ(regions[1]["verified"], true);
}

}  // namespace
}  // namespace report
