// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

using events::Phase;
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

TEST(PlainProgress, TellsEachPhaseWithBytesOnceItIsOver) {
  Stage stage({ProgressForm::plain, {}, 0});
  stage.tell(events::PhaseStarted{Phase::write, "system part 1", 4096});
  stage.pass(1000);
  stage.tell(events::PhaseProgress{2048});
  stage.pass(1000);
  stage.tell(events::PhaseFinished{true});
  EXPECT_EQ(stage.output.err_, "writing system part 1  done  4.0 KiB  2.0 s  2.0 KiB/s\n");
  EXPECT_EQ(stage.output.out_, "");
}

TEST(PlainProgress, ContainsNoControlCharacters) {
  Stage stage({ProgressForm::plain, {}, 2});
  stage.tell(events::PhaseStarted{Phase::wait, "the device", 0});
  stage.tell(events::ActionNeeded{"hold MODE", base::Millis(60000)});
  stage.tell(events::Retrying{"sector 0x08020000", "it differs", 1, 3});
  stage.tell(events::PhaseFinished{false});
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

TEST(BarProgress, ShowsShareRateAndTimeLeft) {
  Stage stage({ProgressForm::bar, {false, 100}, 0});
  stage.pass(100);  // the first picture is drawn at the start of a phase
  stage.tell(events::PhaseStarted{Phase::write, "system part 1", 4096});
  stage.pass(1000);
  stage.tell(events::PhaseProgress{1024});
  EXPECT_THAT(stage.output.err_, HasSubstr("writing system part 1  [#####...............]  25%  "
                                           "1.0 KiB of 4.0 KiB  1.0 KiB/s  3.0 s left"));
}

TEST(BarProgress, NeverGoesBack) {
  Stage stage({ProgressForm::bar, {false, 100}, 0});
  stage.pass(100);
  stage.tell(events::PhaseStarted{Phase::write, "x", 1000});
  stage.pass(100);
  stage.tell(events::PhaseProgress{800});
  stage.output.err_.clear();
  stage.pass(100);
  stage.tell(events::PhaseProgress{100});
  EXPECT_THAT(stage.output.err_, HasSubstr(" 80%"));
  EXPECT_THAT(stage.output.err_, Not(HasSubstr(" 10%")));
}

TEST(BarProgress, FitsANarrowWindow) {
  Stage stage({ProgressForm::bar, {false, 30}, 0});
  stage.pass(100);
  stage.tell(events::PhaseStarted{Phase::write, "system part 1 of a very long release name", 1000});
  stage.pass(100);
  stage.tell(events::PhaseProgress{500});
  std::size_t start = 0;
  while (start < stage.output.err_.size()) {
    const std::size_t end = stage.output.err_.find("\r\x1b[K", start);
    EXPECT_LT(columns(stage.output.err_.substr(start, end - start)), 30U);
    if (end == std::string::npos) break;
    start = end + 4;
  }
}

TEST(JsonProgress, IsOneObjectALineAndNeverGoesBack) {
  Stage stage({ProgressForm::json, {}, 0});
  stage.tell(events::PhaseStarted{Phase::write, "system part 1", 100});
  stage.tell(events::PhaseProgress{60});
  stage.tell(events::PhaseProgress{40});
  stage.tell(events::PhaseFinished{true});
  stage.tell(events::JobFinished{true});
  std::vector<nlohmann::json> lines;
  std::istringstream text(stage.output.err_);
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0]["event"], "started");
  EXPECT_EQ(lines[0]["phase"], "write");
  EXPECT_EQ(lines[0]["total"], 100);
  EXPECT_EQ(lines[1]["done"], 60);
  EXPECT_EQ(lines[2]["done"], 60);
  EXPECT_EQ(lines[3]["ok"], true);
  EXPECT_EQ(lines[4]["event"], "job-finished");
}

TEST(NoProgress, SaysNothing) {
  Stage stage({ProgressForm::none, {}, 2});
  stage.tell(events::PhaseStarted{Phase::write, "x", 1});
  stage.tell(events::Note{"note", 0});
  EXPECT_EQ(stage.output.err_, "");
}

}  // namespace
}  // namespace report
