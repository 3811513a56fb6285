// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

using events::Doing;
using events::Part;
using testing::HasSubstr;
using testing::Not;

class Captured final : public Output {
 public:
  void out(std::string_view text) override { out_ += text; }
  void err(std::string_view text) override { err_ += text; }
  bool ask(std::string_view) override { return false; }
  std::string out_;
  std::string err_;
};

class HandClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override { now_ += duration; }
  base::Instant now_{};
};

struct Stage {
  explicit Stage(ProgressOptions options) : sink(make_progress(options, output, clock)) {}
  void tell(const events::Event& event) { sink->on("usb:1-1", event); }
  void pass(int milliseconds) { clock.now_ += base::Millis(milliseconds); }
  Captured output;
  HandClock clock;
  std::unique_ptr<events::Sink> sink;
};

events::StepStarted step(Doing doing, std::string subject, std::uint64_t bytes) {
  return {.doing = doing, .subject = std::move(subject), .bytes = bytes};
}
// A step of a plan.
events::StepStarted planned(std::string subject) {
  events::StepStarted event = step(Doing::write, std::move(subject), 4096);
  event.stage = 0;
  event.step = 0;
  return event;
}
events::Progress at(double share) { return {share, Part::write, 1, 2}; }

TEST(PlainProgress, TellsEachStepOnceItIsOver) {
  Stage stage({ProgressForm::plain, {}, 0});
  stage.tell(step(Doing::write, "system part 1", 4096));
  stage.pass(1000);
  stage.tell(at(0.3));
  stage.pass(1000);
  stage.tell(events::StepFinished{true});
  EXPECT_EQ(stage.output.err_, "writing system part 1  done  4.0 KiB  2.0 s\n");
  EXPECT_EQ(stage.output.out_, "");
}

TEST(PlainProgress, SaysAtOnceWhatAPersonWaitsFor) {
  Stage stage({ProgressForm::plain, {}, 0});
  stage.tell(step(Doing::start, "", 0));
  EXPECT_EQ(stage.output.err_, "starting the device\n");
}

TEST(PlainProgress, ContainsNoControlCharacters) {
  Stage stage({ProgressForm::plain, {}, 2});
  stage.tell(step(Doing::reach, "DFU mode", 0));
  stage.tell(events::PersonNeeded{events::Action::hold_mode, "hold MODE", base::Millis(60000)});
  stage.tell(events::Retrying{"sector 0x08020000", "it differs", 1, 3});
  stage.tell(events::StepFinished{false});
  EXPECT_THAT(stage.output.err_, Not(HasSubstr("\x1b")));
  EXPECT_THAT(stage.output.err_, Not(HasSubstr("\r")));
  EXPECT_THAT(stage.output.err_, HasSubstr("==> hold MODE (waiting 1 min 00 s)"));
}

TEST(PlainProgress, LeavesOutNotesThatNobodyAskedFor) {
  Stage stage({ProgressForm::plain, {}, 0});
  stage.tell(events::Note{"always", 0});
  stage.tell(events::Note{"verbose", 1});
  EXPECT_EQ(stage.output.err_, "always\n");
}

TEST(BarProgress, ShowsTheShareOfTheWholeJobAndTheTimeLeft) {
  Stage stage({ProgressForm::bar, {false, 100}, 0});
  stage.tell(events::JobStarted{"flash"});
  stage.tell(step(Doing::write, "system part 1", 4096));
  stage.pass(10000);
  stage.tell(at(0.5));
  EXPECT_THAT(stage.output.err_,
              HasSubstr("[#####.....]  50%  writing system part 1  10.0 s left"));
}

TEST(BarProgress, NeverGoesBack) {
  Stage stage({ProgressForm::bar, {false, 100}, 0});
  stage.tell(step(Doing::write, "x", 1000));
  stage.pass(100);
  stage.tell(at(0.8));
  stage.output.err_.clear();
  stage.pass(100);
  stage.tell(at(0.1));
  EXPECT_THAT(stage.output.err_, HasSubstr(" 80%"));
  EXPECT_THAT(stage.output.err_, Not(HasSubstr(" 10%")));
}

TEST(BarProgress, AFinishedStepOfThePlanFoldsIntoOneLine) {
  Stage stage({ProgressForm::bar, {false, 100}, 0});
  stage.tell(planned("system part 1"));
  stage.pass(2000);
  stage.tell(events::StepFinished{true});
  EXPECT_THAT(stage.output.err_, HasSubstr("ok  writing system part 1  done  4.0 KiB  2.0 s\n"));
  stage.output.err_.clear();
  stage.tell(step(Doing::start, "", 0));
  stage.tell(events::StepFinished{true});
  EXPECT_THAT(stage.output.err_, Not(HasSubstr("\n"))) << "a quick one of the frame leaves none";
}

// After a cable that was out: what is written anew is the same step, not one more.
TEST(PlainProgress, AStepThatIsDoneAgainHasItsOldNumber) {
  plan::Plan plan;
  plan.stages.emplace_back();
  for (const plan::Action action :
       {plan::Action::write, plan::Action::skip, plan::Action::write, plan::Action::write}) {
    plan.stages[0].steps.emplace_back().action = action;
  }
  Stage stage({ProgressForm::plain, {}, 0});
  stage.tell(events::PlanReady{std::make_shared<plan::Plan>(plan)});
  for (const std::size_t number : {0U, 2U, 0U, 2U, 3U}) {
    events::StepStarted event = planned("a part");
    event.step = number;
    stage.tell(event);
    stage.tell(events::StepFinished{true});
  }
  std::string numbers;
  std::istringstream text(stage.output.err_);
  for (std::string line; std::getline(text, line);) numbers += line.substr(0, 4);
  EXPECT_EQ(numbers, "1/3 2/3 1/3 2/3 3/3 ");
}

TEST(BarProgress, FitsANarrowWindow) {
  Stage stage({ProgressForm::bar, {false, 30}, 0});
  stage.pass(100);
  stage.tell(planned("system part 1 of a very long release name"));
  stage.pass(100);
  stage.tell(at(0.5));
  std::size_t start = 0;
  while (start < stage.output.err_.size()) {
    const std::size_t end = stage.output.err_.find("\r\x1b[K", start);
    EXPECT_LT(columns(stage.output.err_.substr(start, end - start)), 30U);
    if (end == std::string::npos) break;
    start = end + 4;
  }
}

TEST(JsonProgress, IsOneObjectALineByTheContractsNames) {
  Stage stage({ProgressForm::json, {}, 0, &release::Catalogue::embedded()});
  stage.tell(events::JobStarted{"flash"});
  stage.tell(planned("system part 1"));
  stage.tell(at(0.6));
  stage.tell(events::StepFinished{true});
  stage.tell(events::PersonNeeded{events::Action::replug, "plug it in", base::Millis(1000)});
  auto report = std::make_shared<events::DeviceReport>();
  stage.tell(events::JobFinished{report});
  std::vector<nlohmann::json> lines;
  std::istringstream text(stage.output.err_);
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 5U);
  for (const nlohmann::json& line : lines) {
    EXPECT_EQ(line["device"], "usb:1-1");
    EXPECT_EQ(line["job"], "flash");
  }
  EXPECT_EQ(lines[0]["event"], "job-started");
  EXPECT_EQ(lines[1]["event"], "step-started");
  EXPECT_EQ(lines[1]["doing"], "write");
  EXPECT_EQ(lines[1]["step"], 0);
  EXPECT_EQ(lines[2]["event"], "progress");
  EXPECT_EQ(lines[2]["share"], 0.6);
  EXPECT_EQ(lines[3]["event"], "person-needed");
  EXPECT_EQ(lines[3]["action"], "replug");
  EXPECT_EQ(lines[4]["event"], "job-finished");
  EXPECT_EQ(lines[4]["result"]["bytes_written"], 0);
}

TEST(NoProgress, SaysNothing) {
  Stage stage({ProgressForm::none, {}, 2});
  stage.tell(step(Doing::write, "x", 1));
  stage.tell(events::Note{"note", 0});
  EXPECT_EQ(stage.output.err_, "");
}

}  // namespace
}  // namespace report
