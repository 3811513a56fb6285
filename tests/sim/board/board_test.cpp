// SPDX-License-Identifier: GPL-3.0-or-later
//
// The board: power, reset, watchdog, the CPU's clock; and power that goes while the flash is busy.
#include "sim/board/board.h"

#include "sim/board/dct.h"
#include "sim/virtual_device.h"

#include <algorithm>

namespace sim {
namespace {

using std::chrono::milliseconds;

// A program that does what the test says when it starts, and then nothing.
class Scripted final : public Program {
 public:
  using Script = std::function<void(Hardware&)>;
  Scripted(Hardware& hardware, const Script& script) { script(hardware); }
  ControlReply control(const usb::ControlSetup&, std::uint16_t, base::ByteView) override {
    return {ControlReply::Kind::done, {}, milliseconds(5)};
  }
  void mode_button(bool pressed) override { pressed_ = pressed; }
  Led led() const override { return {pressed_ ? "white" : "blue", "solid"}; }

 private:
  bool pressed_ = false;
};

struct ScriptedBoard {
  explicit ScriptedBoard(
      Scripted::Script on_reset, Scripted::Script on_firmware = [](Hardware&) {})
      : board(platform::electron(), kTestId,
              Programs{[this, on_reset](Hardware& hardware, ResetCause cause) {
                         causes.push_back(cause);
                         return std::make_unique<Scripted>(hardware, on_reset);
                       },
                       [on_firmware](Hardware& hardware) {
                         return std::make_unique<Scripted>(hardware, on_firmware);
                       }},
              base::Instant{}) {}
  void pass(base::Micros time) { board.advance_to(board.time() + time); }

  std::vector<ResetCause> causes;
  Board board;
};

TEST(Board, DoesWhatTheProgramAskedForWhenItsClockGetsThere) {
  ScriptedBoard it([](Hardware& hardware) {
    hardware.spend(milliseconds(10));
    hardware.pull_up(true);
    hardware.spend(milliseconds(20));
    hardware.pull_up(false);
    hardware.start_firmware();
  });
  it.board.power(true);
  EXPECT_FALSE(it.board.attached());
  it.pass(milliseconds(10));
  EXPECT_TRUE(it.board.attached());
  EXPECT_EQ(it.board.running(), Board::Running::bootloader);
  it.pass(milliseconds(20));
  EXPECT_FALSE(it.board.attached());
  EXPECT_EQ(it.board.running(), Board::Running::firmware);
  EXPECT_EQ(it.board.attach_count(), 2U);
}

TEST(Board, AddsTheProgramsOwnTimeToATransfer) {
  ScriptedBoard it([](Hardware& hardware) { hardware.pull_up(true); });
  it.board.power(true);
  const ControlReply reply = it.board.control({}, 0, {}, Board::DataStage::completed);
  EXPECT_EQ(reply.busy, milliseconds(5));
  EXPECT_EQ(it.board.ready_at(), it.board.time() + milliseconds(5));
}

TEST(Board, TellsTheButtonWhenTheCpuIsFree) {
  ScriptedBoard it([](Hardware& hardware) { hardware.spend(milliseconds(50)); });
  it.board.power(true);
  it.board.press_mode(true);
  EXPECT_EQ(it.board.led().colour, "blue");
  it.pass(milliseconds(50));
  EXPECT_EQ(it.board.led().colour, "white");
}

TEST(Board, WatchdogBitesUnlessFed) {
  ScriptedBoard it([](Hardware& hardware) {
    hardware.start_watchdog(milliseconds(100));
    hardware.spend(milliseconds(60));
    hardware.feed_watchdog();
  });
  it.board.power(true);
  it.pass(milliseconds(159));
  EXPECT_EQ(it.causes, (std::vector{ResetCause::power_on}));
  it.pass(milliseconds(1));
  EXPECT_EQ(it.causes, (std::vector{ResetCause::power_on, ResetCause::watchdog}));
}

TEST(Board, WatchdogBitesAProgramThatWorksTooLong) {
  ScriptedBoard it([](Hardware& hardware) {
    hardware.start_watchdog(milliseconds(100));
    hardware.spend(milliseconds(120));
    hardware.feed_watchdog();  // too late
    hardware.pull_up(true);
  });
  it.board.power(true);
  it.pass(milliseconds(110));
  EXPECT_EQ(it.board.reset_count(), 2U);
  EXPECT_EQ(it.board.attach_count(), 0U);
}

TEST(Board, WatchdogAlsoEndsACrash) {
  ScriptedBoard it([](Hardware& hardware) {
    hardware.start_watchdog(milliseconds(100));
    hardware.crash();
  });
  it.board.power(true);
  EXPECT_EQ(it.board.running(), Board::Running::crashed);
  it.pass(milliseconds(100));
  EXPECT_EQ(it.causes.back(), ResetCause::watchdog);
}

TEST(Board, ResetButtonHoldsTheCpuAndDropsTheBus) {
  ScriptedBoard it([](Hardware& hardware) { hardware.pull_up(true); });
  it.board.power(true);
  it.board.press_reset(true);
  EXPECT_FALSE(it.board.attached());
  it.pass(milliseconds(500));
  EXPECT_EQ(it.board.reset_count(), 1U);
  it.board.press_reset(false);
  EXPECT_TRUE(it.board.attached());
  EXPECT_EQ(it.causes.back(), ResetCause::pin);
}

TEST(Board, CableTakesTheBusButNotThePower) {
  ScriptedBoard it([](Hardware& hardware) { hardware.pull_up(true); });
  it.board.power(true);
  it.board.plug(false);
  EXPECT_FALSE(it.board.attached());
  EXPECT_EQ(it.board.running(), Board::Running::bootloader);
  it.board.plug(true);
  EXPECT_TRUE(it.board.attached());
  EXPECT_EQ(it.board.attach_count(), 3U);
  EXPECT_EQ(it.board.reset_count(), 1U);
}

TEST(Board, RegistersSurviveAResetButNotTheLossOfPower) {
  ScriptedBoard it([](Hardware& hardware) {
    if (hardware.backup().dr1 == 0) hardware.backup().dr1 = 0xEDFA;
  });
  it.board.power(true);
  it.board.press_reset(true);
  it.board.press_reset(false);
  EXPECT_EQ(it.board.registers().dr1, 0xEDFA);
  it.board.power(false);
  EXPECT_EQ(it.board.registers().dr1, 0);
}

// --- power that goes while the flash works ---

TEST(PowerCut, DuringAnEraseLeavesTheShareOfTheElapsedTime) {
  for (const double share : {0.0, 0.1, 0.5, 0.9}) {
    VirtualDevice device("1006");
    device.start();
    device.board.flash().load(kIndex2, base::Bytes(0x20000, 0x55));
    device.wire.set_faults(
        0, *parse_faults("during erase 0x08040000 at " + std::to_string(share) + ": power-cut 1s"));
    ASSERT_TRUE(device.dnload(0, VirtualDevice::address_command(0x41, kIndex2)).ok());
    EXPECT_TRUE(device.get_status().gone());
    const base::ByteView bytes = device.flash(kIndex2, 0x20000);
    const auto erased = std::count(bytes.begin(), bytes.end(), 0xFF);
    EXPECT_NEAR(static_cast<double>(erased), share * 0x20000, 8) << share;
    device.pass(milliseconds(3000));
    EXPECT_EQ(device.state(), 2) << "back by itself: nothing valid in index 1";
  }
}

TEST(PowerCut, DuringAProgramLeavesTheWordsDoneByThen) {
  VirtualDevice device("1006");
  device.start();
  ASSERT_TRUE(device.set_address(kIndex1).ok());
  ASSERT_TRUE(device.get_status().ok());
  device.wire.set_faults(0, *parse_faults("during program 0x08020400 at 0.25: power-cut 1s"));
  ASSERT_TRUE(device.dnload(2, base::Bytes(4096, 0)).ok());
  EXPECT_TRUE(device.get_status().gone());
  const base::ByteView bytes = device.flash(kIndex1, 4096);
  EXPECT_NEAR(static_cast<double>(std::count(bytes.begin(), bytes.end(), 0)), 1024, 4);
}

TEST(PowerCut, AtAnyMomentOfAStatusRequestLeavesAConsistentSector) {
  // The later the power goes, the more of the sector is erased, and nothing else changes.
  std::ptrdiff_t last = -1;
  for (int ms = 0; ms <= 1100; ms += 100) {
    VirtualDevice device("11");
    device.start();
    device.board.flash().load(kIndex2, base::Bytes(0x20000, 0x55));
    ASSERT_TRUE(device.dnload(0, VirtualDevice::address_command(0x41, kIndex2)).ok());
    device.wire.at(device.wire.now() + milliseconds(ms), [&] { device.board.power(false); });
    EXPECT_EQ(device.get_status().gone(), ms <= 1000) << ms;
    device.pass(milliseconds(200));
    const base::ByteView bytes = device.flash(kIndex2, 0x20000);
    const auto erased = std::count(bytes.begin(), bytes.end(), 0xFF);
    EXPECT_GE(erased, last) << ms;
    last = erased;
  }
  EXPECT_EQ(last, 0x20000);
}

TEST(PowerCut, UnpluggingLetsTheEraseGoOn) {
  VirtualDevice device("1006");
  device.start();
  device.board.flash().load(kIndex2, base::Bytes(0x20000, 0x55));
  device.wire.set_faults(0, *parse_faults("during erase 0x08040000 at 0.3: unplug 2s"));
  ASSERT_TRUE(device.dnload(0, VirtualDevice::address_command(0x41, kIndex2)).ok());
  EXPECT_TRUE(device.get_status().gone());
  EXPECT_FALSE(device.board.attached());
  device.pass(milliseconds(3000));
  EXPECT_TRUE(device.board.attached());
  EXPECT_TRUE(base::is_blank(device.flash(kIndex2, 0x20000)));
  EXPECT_EQ(device.state(), 2);
}

TEST(PowerCut, DuringAConfigurationWriteKeepsOneWholeCopy) {
  const base::Bytes secret = pattern(192, 77);
  for (const char* profile : {"11", "1006"}) {
    const DctFormat format = find_bootloader_profile(profile)->dct;
    int kept_old = 0;
    int took_new = 0;
    for (int ms = 0; ms < 340; ms += 5) {
      VirtualDevice device(profile);
      base::Bytes data(8192, 0xFF);
      std::copy(secret.begin(), secret.end(), data.begin() + 3106);
      Dct::load(device.board.flash(), data, format);
      device.start();
      ASSERT_TRUE(device.select_alt(1).ok());
      ASSERT_TRUE(device.set_address(1753).ok());
      ASSERT_TRUE(device.get_status().ok());
      ASSERT_TRUE(device.dnload(2, base::Bytes{0xA5}).ok());
      device.wire.at(device.wire.now() + milliseconds(ms), [&] { device.board.power(false); });
      device.timeout = milliseconds(1000);
      device.get_status();
      device.pass(milliseconds(1000));
      const Dct dct(device.board.flash(), format);
      EXPECT_EQ(dct.read(3106, 192), secret) << profile << " cut after " << ms << " ms";
      (dct.read(1753, 1)[0] == 0xA5 ? took_new : kept_old) += 1;
    }
    EXPECT_GT(kept_old, 0) << profile;
    EXPECT_GT(took_new, 0) << profile;
  }
}

}  // namespace
}  // namespace sim
