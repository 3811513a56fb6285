// SPDX-License-Identifier: GPL-3.0-or-later
//
// `flash` where no device is there yet: a board without power, or one whose firmware hangs.

#include "cli/release_folder.h"
#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli_test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DarkBoard : public ReleaseFolder {
 protected:
  void SetUp() override {
    ReleaseFolder::SetUp();
    put("2.3.1");
    sim::ElectronSpec spec = *sim::parse_state("1.5.0");
    spec.mode = sim::ElectronSpec::Mode::off;
    auto made =
        sim::SimWorld::make({spec}, release::Library(), sim::VirtualHost::Enumeration::here);
    EXPECT_TRUE(made);
    sim_ = std::move(*made);
    world_.emplace(discovery::World{sim_->usb(), sim_->serial(), sim_->clock()});
    worlds_.emplace(*world_);
    bench_.terminal.err_is_terminal = true;
    bench_.terminal.dumb = true;
  }
  Outcome flash(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"flash", "--target", "2.3.1", "--firmware", folder_,
                               "--allow-unknown", "--no-backup"});
    return bench_.run(more, *worlds_);
  }
  // Somebody does it in so many seconds from now.
  void in(seconds delay, std::function<void()> action) {
    sim_->wire().at(sim_->wire().now() + delay, std::move(action));
  }

  std::unique_ptr<sim::SimWorld> sim_;
  std::optional<discovery::World> world_;
  std::optional<GivenWorld> worlds_;
};

TEST_F(DarkBoard, IsWaitedForOnATerminalAndNamedWhenItComes) {
  in(seconds(40), [&] { sim_->board(0).power(true); });
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("==>"), HasSubstr("plug it in"), HasSubstr("hold MODE"),
                                 HasSubstr("Ctrl-C"), HasSubstr("usb:1-1  ")));
}

// Firmware that hangs early: only the button brings it onto the bus.
TEST_F(DarkBoard, MayComeInDfuModeByItsButton) {
  in(seconds(300), [&] {
    sim_->board(0).press_mode(true);
    sim_->board(0).power(true);
  });
  in(seconds(304), [&] { sim_->board(0).press_mode(false); });
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("usb:1-1  DFU"));
}

TEST_F(DarkBoard, IsAnErrorAtOnceForAScript) {
  in(seconds(1), [&] { sim_->board(0).power(true); });
  const Outcome asked = flash({"--no-wait"});
  EXPECT_EQ(asked.code, 3);
  EXPECT_THAT(asked.err, AllOf(HasSubstr("no Electron is connected"), Not(HasSubstr("==>"))));
  bench_.terminal.err_is_terminal = false;
  EXPECT_EQ(flash().code, 3);
}

TEST_F(DarkBoard, IsNotWaitedForAfterCtrlC) {
  in(seconds(10), [&] { bench_.cancel.request(); });
  EXPECT_EQ(flash().code, 130);
}

// What cannot be done is said first.
TEST_F(DarkBoard, IsNotWaitedForWhereTheFilesAreMissing) {
  const Outcome outcome =
      bench_.run({"flash", "--target", "2.2.0", "--firmware", folder_}, *worlds_);
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, Not(HasSubstr("==>")));
}

TEST_F(DarkBoard, IsWaitedForByTheEventsOfAProgramToo) {
  in(seconds(5), [&] { sim_->board(0).power(true); });
  const Outcome outcome = flash({"--progress", "json", "--json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr(R"("event":"person-needed")"), HasSubstr(R"("action":"power")")));
  EXPECT_EQ(outcome.json()["ok"], true);
}

}  // namespace
}  // namespace cli_test
