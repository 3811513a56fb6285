// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/workbench.h"

#include "base/files.h"
#include "platform/platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

namespace {

using sim::BenchCommand;
using What = BenchCommand::What;

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(ParseBenchCommand, UnderstandsEveryCommandOfTheHelp) {
  const auto parse = [](std::string_view line) { return sim::parse_bench_command(line).value(); };
  EXPECT_EQ(parse("press mode 3s").what, What::press);
  EXPECT_EQ(parse("press mode 3s").button, BenchCommand::Button::mode);
  EXPECT_EQ(parse("press mode 3s").time, 3s);
  EXPECT_EQ(parse("press reset").button, BenchCommand::Button::reset);
  EXPECT_TRUE(parse("press reset").time);
  EXPECT_EQ(parse("reset").what, What::press);
  EXPECT_EQ(parse("reset").button, BenchCommand::Button::reset);
  EXPECT_EQ(parse("hold mode").what, What::hold);
  EXPECT_EQ(parse("release mode").what, What::release);
  EXPECT_EQ(parse("unplug").what, What::unplug);
  EXPECT_FALSE(parse("unplug").time);
  EXPECT_EQ(parse("unplug 2s").time, 2s);
  EXPECT_EQ(parse("plug").what, What::plug);
  EXPECT_EQ(parse("power off").what, What::power_off);
  EXPECT_EQ(parse("power on").what, What::power_on);
  EXPECT_EQ(parse("flash save my file.bin").argument, "my file.bin");
  EXPECT_EQ(parse("flash load a.bin").what, What::load_flash);
  EXPECT_EQ(parse("led").what, What::led);
  EXPECT_EQ(parse("status").what, What::status);
  EXPECT_EQ(parse("fault at transfer 3: stall").argument, "at transfer 3: stall");
  EXPECT_EQ(parse("help").what, What::help);
  EXPECT_EQ(parse("  quit \r").what, What::quit);
}

TEST(ParseBenchCommand, TakesABoardNumberBeforeTheColon) {
  const auto command = sim::parse_bench_command("2: unplug");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->board, 2U);
  EXPECT_EQ(sim::parse_bench_command("unplug")->board, 0U);
  EXPECT_FALSE(sim::parse_bench_command("0: unplug"));
}

TEST(ParseBenchCommand, RefusesWhatItDoesNotKnow) {
  for (const char* line : {"", "jump", "press", "press nose", "press mode soon", "power",
                           "power sideways", "flash", "flash save", "plug in", "hold mode 3s"}) {
    const auto command = sim::parse_bench_command(line);
    ASSERT_FALSE(command) << line;
    EXPECT_EQ(command.error().code, base::Errc::usage);
  }
}

// A program whose LED shows whether MODE is down.
class ButtonLamp final : public sim::Program {
 public:
  sim::ControlReply control(const usb::ControlSetup&, std::uint16_t, base::ByteView) override {
    return {};
  }
  void mode_button(bool pressed) override { pressed_ = pressed; }
  sim::Led led() const override {
    return pressed_ ? sim::Led{.colour = "magenta", .pattern = "blinking"}
                    : sim::Led{.colour = "green", .pattern = "breathing"};
  }

 private:
  bool pressed_ = false;
};

class Workbench : public testing::Test {
 protected:
  Workbench() {
    for (int i = 0; i < 2; ++i) {
      boards_.push_back(std::make_unique<sim::Board>(
          platform::electron(), sim::UniqueId{},
          sim::Programs{
              .bootloader = [](sim::Hardware&, sim::ResetCause) -> std::unique_ptr<sim::Program> {
                return std::make_unique<ButtonLamp>();
              },
              .firmware = {}},
          base::Instant{}));
      wire_.add(*boards_.back());
      boards_.back()->power(true);
    }
    wire_.advance_to(base::Instant{} + 1ms);
    bench_.emplace(wire_, [this](std::string_view line) { said_.emplace_back(line); });
    bench_->watch();
    said_.clear();
  }
  void pass(base::Micros time) {
    wire_.advance_to(wire_.now() + time);
    bench_->watch();
  }

  std::vector<std::unique_ptr<sim::Board>> boards_;
  sim::Wire wire_{base::Instant{}};
  std::vector<std::string> said_;
  std::optional<sim::Workbench> bench_;
};

TEST_F(Workbench, KeepsAButtonDownForTheTimeSaid) {
  bench_->command("1: press mode 3s");
  pass(2900ms);
  EXPECT_THAT(said_, ElementsAre("1: led magenta blinking"));
  EXPECT_FALSE(bench_->idle());
  pass(200ms);
  EXPECT_THAT(said_, ElementsAre("1: led magenta blinking", "done 1: press mode 3s",
                                 "1: led green breathing"));
  EXPECT_TRUE(bench_->idle());
}

TEST_F(Workbench, DoesACommandWithoutNumberToAllBoards) {
  bench_->command("hold mode");
  pass(1ms);
  EXPECT_THAT(said_,
              ElementsAre("done hold mode", "1: led magenta blinking", "2: led magenta blinking"));
}

TEST_F(Workbench, PullsTheCableAndPutsItBack) {
  bench_->command("2: unplug 1s");
  EXPECT_FALSE(boards_[1]->plugged());
  EXPECT_TRUE(boards_[0]->plugged());
  pass(1100ms);
  EXPECT_TRUE(boards_[1]->plugged());
}

TEST_F(Workbench, TakesThePowerAway) {
  bench_->command("1: power off");
  pass(1ms);
  EXPECT_FALSE(boards_[0]->powered());
  EXPECT_THAT(said_, Contains("1: nothing runs"));
  bench_->command("1: power on");
  pass(1ms);
  EXPECT_TRUE(boards_[0]->powered());
}

TEST_F(Workbench, SavesAndLoadsTheFlash) {
  const std::string path = base::join(testing::TempDir(), "workbench.flash");
  const std::uint32_t begin = platform::electron().flash.begin;
  boards_[0]->flash().load(begin + 4, base::Bytes{0x12, 0x34});
  bench_->command("1: flash save " + path);
  bench_->command("2: flash load " + path);
  EXPECT_THAT(said_, ElementsAre(StartsWith("done"), StartsWith("done")));
  EXPECT_EQ(boards_[1]->flash().view()[4], 0x12);
  ASSERT_TRUE(base::remove_file(path));
}

TEST_F(Workbench, RefusesAFlashImageOfTheWrongSize) {
  const std::string path = base::join(testing::TempDir(), "workbench.short");
  ASSERT_TRUE(base::write_file(path, base::Bytes(100), base::Privacy::normal));
  bench_->command("1: flash load " + path);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("100 bytes"), StartsWith("done")));
  ASSERT_TRUE(base::remove_file(path));
}

TEST_F(Workbench, SaysWhatItDoesNotUnderstandAndGoesOn) {
  bench_->command("press nose");
  EXPECT_THAT(said_, ElementsAre(StartsWith("error: not understood"), "done press nose"));
  said_.clear();
  bench_->command("3: led");
  EXPECT_THAT(said_, ElementsAre(HasSubstr("no board 3"), "done 3: led"));
}

TEST_F(Workbench, ArmsFaultsAndRefusesAScriptThatMakesNoSense) {
  bench_->command("1: fault at transfer 1: stall");
  EXPECT_THAT(said_, ElementsAre(StartsWith("done")));
  EXPECT_FALSE(wire_.faults(0).empty());
  EXPECT_TRUE(wire_.faults(1).empty());
  said_.clear();
  bench_->command("1: fault at breakfast: coffee");
  EXPECT_THAT(said_, ElementsAre(StartsWith("error:"), StartsWith("done")));
}

TEST_F(Workbench, EndsWhenToldTo) {
  EXPECT_FALSE(bench_->quitting());
  bench_->command("quit");
  EXPECT_TRUE(bench_->quitting());
}

}  // namespace
