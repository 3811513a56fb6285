// SPDX-License-Identifier: GPL-3.0-or-later
//
// Bootloader and system firmware together on a board: what a wrong order of flashing does, and how
// long the ways between the modes take. The expected behaviour is that of released images run on a
// model of the microcontroller.
#include "sim/board/stored_module.h"
#include "sim/bootloader/bootloader.h"
#include "sim/bus/virtual_host.h"
#include "sim/firmware/firmware.h"
#include "sim/firmware_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

class WholeDevice : public ::testing::Test {
 protected:
  FirmwareOptions options;
  Wire wire{base::Instant{}};
  VirtualHost host{wire};
  Board board{platform::electron(),
              {0x2b, 0x00, 0x36, 0x00, 0x0a, 0x47, 0x33, 0x35, 0x34, 0x39, 0x33, 0x38},
              Programs{[](Hardware& hardware, ResetCause cause) {
                         return make_bootloader(hardware, cause, *find_bootloader_profile("11"));
                       },
                       [this](Hardware& hardware) { return make_firmware(hardware, options); }},
              base::Instant{}};

  void SetUp() override {
    board.flash().fill_blank(platform::electron().flash);
    wire.add(board);
  }

  void pass(base::Micros duration) { wire.advance_to(wire.now() + duration); }

  // Product id on the bus; 0 for none.
  int product() {
    const auto* device = host.enumerated(0);
    return device == nullptr ? 0 : device->info.product;
  }
  static constexpr int kDfu = 0xD00A;
  static constexpr int kCdc = 0xC00A;

  void switch_off() {
    board.power(false);
    pass(100ms);
  }

  // How long until the board is on the bus with this product; none within `most`.
  std::optional<base::Micros> until(int wanted, base::Micros most) {
    const base::Instant begin = wire.now();
    while (wire.now() < begin + most) {
      if (product() == wanted) return wire.now() - begin;
      pass(10ms);
    }
    return std::nullopt;
  }

  // How long until the pull-up is on (or off).
  std::optional<base::Micros> until_attached(bool on, base::Micros most) {
    const base::Instant begin = wire.now();
    while (wire.now() < begin + most) {
      if (board.attached() == on) return wire.now() - begin;
      pass(1ms);
    }
    return std::nullopt;
  }

  VirtualHost::Address here() { return {0, board.attach_count()}; }

  // Powered on with MODE held: DFU, whatever is in flash.
  void enter_dfu_by_button() {
    board.press_mode(true);
    if (!board.powered()) {
      board.power(true);
    } else {
      board.press_reset(true);
      pass(10ms);
      board.press_reset(false);
    }
    pass(4s);
    board.press_mode(false);
    ASSERT_TRUE(until(kDfu, 5s));
  }

  void leave_dfu() {
    ASSERT_TRUE(host.control(here(), {0x21, 1, 0, 0}, 0, {}, 1000ms));
    ASSERT_TRUE(host.control(here(), {0xA1, 3, 0, 0}, 6, {}, 1000ms));
  }

  bool set_rate(std::uint32_t rate) {
    base::Bytes coding(7, 0);
    base::store_le32(coding, 0, rate);
    coding[6] = 8;
    return host.control(here(), {0x21, 0x20, 0, 0}, 7, coding, 1000ms).has_value();
  }

  std::string ask(const std::string& text, base::Micros wait = 2s) {
    if (!host.bulk_out(here(), 1, base::as_bytes(text), 3000ms)) return "<not taken>";
    pass(wait);
    std::string answer;
    while (true) {
      const auto bytes = host.bulk_in(here(), 0x81, 4096, 20ms);
      if (!bytes || bytes->empty()) return answer;
      answer += base::as_text(*bytes);
    }
  }

  void listen() {
    board.press_mode(true);
    pass(3200ms);
    board.press_mode(false);
  }

  // One module by YMODEM; what comes after the last packet.
  std::string send(const base::Bytes& image) {
    ask("f");
    const auto packet = [](std::uint8_t number, std::string data, std::size_t size) {
      data.resize(size, '\0');
      const auto kind = static_cast<char>(size == 128 ? 1 : 2);
      return std::string{kind, static_cast<char>(number), static_cast<char>(~number)} + data +
             std::string(2, '\0');
    };
    EXPECT_EQ(
        ask(packet(0, std::string("m.bin\0", 6) + std::to_string(image.size()) + ' ', 128), 1500ms),
        "\x06"
        "C");
    std::uint8_t number = 1;
    for (std::size_t at = 0; at < image.size(); at += 128) {
      const auto piece =
          base::ByteView(image).subspan(at, std::min<std::size_t>(128, image.size() - at));
      EXPECT_EQ(ask(packet(number++, base::as_text(piece), 128), 20ms), "\x06");
    }
    EXPECT_EQ(ask("\x04", 20ms), "\x06");
    return ask(packet(0, "", 128), 900ms);
  }

  std::uint16_t version(ModuleId id) {
    return version_at(board.flash(), platform::electron(), id).value_or(0);
  }
};

TEST_F(WholeDevice, RunsEachMixedStateAsTheReleasedPartsDo) {
  struct Row {
    Parts parts;
    bool runs;
  };
  // Old and new: 0.6.4 and 1.5.2 with bootloader 11; 0.5.3, which has no index 3, and 0.6.4 with
  // bootloader 6.
  const std::vector<std::pair<std::uint16_t, std::vector<Row>>> tables{
      {11,
       {{{110, 110, 110}, true},
        {{110, 110, 1512}, true},
        {{1512, 110, 110}, true},
        {{1512, 110, 1512}, true},
        {{110, 1512, 110}, false},
        {{110, 1512, 1512}, false},
        {{1512, 1512, 110}, false},
        {{1512, 1512, 1512}, true}}},
      {6,
       {{{21, 21, 0}, true},
        {{21, 21, 110}, true},
        {{110, 21, 0}, true},
        {{110, 21, 110}, true},
        {{21, 110, 0}, false},
        {{21, 110, 110}, false},
        {{110, 110, 0}, false},
        {{110, 110, 110}, true}}}};
  for (const auto& [bootloader, rows] : tables) {
    for (const Row& row : rows) {
      switch_off();
      put_release(board.flash(), 110, bootloader);
      put_parts(board.flash(), row.parts);
      board.power(true);
      EXPECT_EQ(until(kCdc, 20s).has_value(), row.runs)
          << row.parts.index1 << '/' << row.parts.index2 << '/' << row.parts.index3;
      if (row.runs) {
        EXPECT_FALSE(set_rate(14400));
        EXPECT_TRUE(until(kDfu, 5s));
      }
    }
  }
}

TEST_F(WholeDevice, GetsTheBootloaderOfTheNewRelease) {
  for (const auto& [release, before, after] :
       {std::tuple<std::uint16_t, std::uint16_t, std::uint16_t>{1512, 11, 400},
        {110, 6, 11},
        {2302, 400, 1004},
        {110, 1006, 11},
        {21, 101, 101}}) {
    switch_off();
    put_release(board.flash(), release, before);
    board.power(true);
    EXPECT_TRUE(until(kCdc, 10s)) << release;
    EXPECT_EQ(version(kBootloader), after);
  }
}

TEST_F(WholeDevice, IsDeadUntilTheButtonWithTheIndex2Of064Over055) {
  put_release(board.flash(), 23, 7);
  put(board.flash(), kSystemPart2, part(2, 110));
  board.power(true);
  pass(60s);
  EXPECT_EQ(product(), 0);
  EXPECT_EQ(board.led(), (Led{"red", "SOS"}));
  enter_dfu_by_button();
}

TEST_F(WholeDevice, LoopsWithTheIndex2Of063BesideTheIndex3Of070) {
  put_release(board.flash(), 109, 11);
  put(board.flash(), kSystemPart3, part(3, 207));
  board.power(true);
  pass(30s);
  EXPECT_EQ(product(), 0);
  EXPECT_GT(board.reset_count(), 20U);
  EXPECT_EQ(version(kBootloader), 101);
  enter_dfu_by_button();
}

TEST_F(WholeDevice, ComesBackToDfuByItselfWithoutIndex1) {
  put_release(board.flash(), 110, 11);
  enter_dfu_by_button();
  put(board.flash(), kSystemPart1, {});
  leave_dfu();
  const base::Instant begin = wire.now();
  ASSERT_TRUE(until(0, 5s));
  ASSERT_TRUE(until(kDfu, 10s));
  EXPECT_LT(wire.now() - begin, 1500ms);
}

TEST_F(WholeDevice, RestoresARegisteredFactoryImageForEverWithoutIndex1) {
  put_release(board.flash(), 110, 1006);
  put(board.flash(), kSystemPart1, {});
  board.flash().load(0x080A0000, user_part());
  board.power(true);
  pass(30s);
  EXPECT_EQ(product(), 0);
  EXPECT_GT(board.reset_count(), 10U);
  enter_dfu_by_button();
}

TEST_F(WholeDevice, ComesBackToDfuAfterThreeWatchdogResetsWithoutIndex2) {
  for (const std::uint16_t bootloader : {std::uint16_t{11}, std::uint16_t{6}}) {
    switch_off();
    put_release(board.flash(), 110, bootloader);
    enter_dfu_by_button();
    put(board.flash(), kSystemPart2, {});
    leave_dfu();
    const base::Instant begin = wire.now();
    ASSERT_TRUE(until(0, 5s));
    ASSERT_TRUE(until(kDfu, 60s));
    EXPECT_THAT(wire.now() - begin, AllOf(Ge(17'500ms), Le(19s)));
  }
}

TEST_F(WholeDevice, StaysDeadWithoutIndex2WhenNoWatchdogIsArmed) {
  put_release(board.flash(), 110, 11);
  put(board.flash(), kSystemPart2, {});
  board.power(true);
  EXPECT_FALSE(until(kDfu, 120s));
  enter_dfu_by_button();
}

TEST_F(WholeDevice, PanicsForEverWithoutIndex3) {
  for (const auto& [release, bootloader] :
       {std::pair<std::uint16_t, std::uint16_t>{110, 11}, {2302, 1004}}) {
    switch_off();
    put_release(board.flash(), release, bootloader);
    enter_dfu_by_button();
    put(board.flash(), kSystemPart3, {});
    leave_dfu();
    pass(2s);
    const std::uint32_t resets = board.reset_count();
    EXPECT_FALSE(until(kDfu, 62'400ms));
    EXPECT_EQ(board.led(), (Led{"red", "SOS"}));
    EXPECT_EQ(board.reset_count() - resets, 6U) << "every 10.4 s, and no watchdog";
    enter_dfu_by_button();
  }
}

// From the last GETSTATUS to the final pull-up of the CDC device.
TEST_F(WholeDevice, LeavesDfuInTheTimeOfItsRelease) {
  struct Row {
    std::uint16_t release;
    std::uint16_t bootloader;
    base::Micros least;
    base::Micros most;
  };
  for (const Row& row :
       {Row{10, 6, 2860ms, 2960ms}, Row{21, 6, 1170ms, 1240ms}, Row{110, 11, 1100ms, 1300ms},
        Row{1512, 400, 540ms, 640ms}, Row{2302, 1004, 520ms, 560ms}}) {
    switch_off();
    put_release(board.flash(), row.release, row.bootloader);
    board.power(true);
    ASSERT_TRUE(until(kCdc, 10s)) << row.release;
    enter_dfu_by_button();
    const std::uint32_t resets = board.reset_count();
    leave_dfu();
    const base::Instant begin = wire.now();
    ASSERT_TRUE(until_attached(false, 2s));
    while (board.reset_count() < resets + 2 && wire.now() < begin + 5s) pass(1ms);
    EXPECT_EQ(board.reset_count(), resets + 2) << row.release;
    ASSERT_TRUE(until_attached(true, 5s));
    EXPECT_THAT(wire.now() - begin, AllOf(Ge(row.least), Le(row.most))) << row.release;
    ASSERT_TRUE(until(kCdc, 5s));
  }
}

// Blank configuration, EEPROM emulation and option bytes.
TEST_F(WholeDevice, StartsForTheFirstTimeInTheTimeOfItsRelease) {
  for (const auto& [release, bootloader, time] :
       {std::tuple<std::uint16_t, std::uint16_t, base::Micros>{10, 6, 4636ms},
        {21, 6, 2995ms},
        {102, 6, 3693ms},
        {110, 11, 3644ms},
        {1512, 400, 2278ms},
        {2302, 1004, 2242ms}}) {
    switch_off();
    board.flash().fill_blank(platform::electron().flash);
    for (std::size_t sector = 0; sector < board.flash().sector_count(); ++sector) {
      board.flash().protect_at_once(sector, false);
    }
    put_release(board.flash(), release, bootloader);
    board.flash().fill_blank({0x0800C000, 0x08010000});
    const base::Instant begin = wire.now();
    board.power(true);
    ASSERT_TRUE(until_attached(true, 10s));
    EXPECT_THAT(wire.now() - begin, AllOf(Ge(time - 40ms), Le(time + 40ms))) << release;
  }
}

TEST_F(WholeDevice, ShowsAFalseDeviceOnTheWayOutOfDfuIn060) {
  put_release(board.flash(), 102, 6);
  enter_dfu_by_button();
  leave_dfu();
  ASSERT_TRUE(until(kCdc, 5s));
  EXPECT_EQ(host.enumerated(0)->configuration.size(), 18U);
  EXPECT_EQ(host.enumerated(0)->serial_port, -1);
  ASSERT_TRUE(until(0, 5s));
  ASSERT_TRUE(until(kCdc, 5s));
  EXPECT_EQ(host.enumerated(0)->configuration.size(), 84U);
}

TEST_F(WholeDevice, IsInDfuMillisecondsAfterThe14400Touch) {
  for (const auto& [release, bootloader, time] :
       {std::tuple<std::uint16_t, std::uint16_t, base::Micros>{21, 6, 52ms},
        {110, 11, 52ms},
        {1512, 400, 56ms},
        {2302, 1004, 7ms}}) {
    switch_off();
    put_release(board.flash(), release, bootloader);
    board.power(true);
    ASSERT_TRUE(until(kCdc, 10s));
    EXPECT_FALSE(set_rate(14400));
    ASSERT_TRUE(until_attached(false, 1s));
    const auto back = until_attached(true, 1s);
    ASSERT_TRUE(back);
    EXPECT_THAT(*back, AllOf(Ge(time - 3ms), Le(time + 3ms))) << release;
    ASSERT_TRUE(until(kDfu, 5s));
  }
}

TEST_F(WholeDevice, TakesAModuleByYmodemAndCopiesItAtTheReset) {
  for (const auto& [release, bootloader] :
       {std::pair<std::uint16_t, std::uint16_t>{10, 6}, {21, 6}, {110, 11}, {2302, 1004}}) {
    switch_off();
    put_release(board.flash(), release, bootloader);
    board.power(true);
    ASSERT_TRUE(until(kCdc, 10s));
    listen();
    const base::Bytes application = module(kUserPart, 4, {kSystemPart2, 10}, {}, 2048);
    EXPECT_THAT(send(application), HasSubstr("Downloaded file successfully!")) << release;
    ASSERT_TRUE(until(0, 3s));
    ASSERT_TRUE(until(kCdc, 15s));
    EXPECT_EQ(version(kUserPart), 4);
  }
}

TEST_F(WholeDevice, ClimbsFrom064To152ByYmodem) {
  put_release(board.flash(), 110, 11);
  board.power(true);
  ASSERT_TRUE(until(kCdc, 10s));
  listen();
  EXPECT_THAT(send(part(1, 1512)), HasSubstr("Validation failed: 0x44"));
  EXPECT_THAT(send(part(2, 1512)), HasSubstr("Validation failed: 0x44"));
  for (const int index : {3, 1, 2}) {
    if (index != 3) listen();
    EXPECT_THAT(send(part(index, 1512)), HasSubstr("Downloaded file successfully!")) << index;
    ASSERT_TRUE(until(0, 3s));
    ASSERT_TRUE(until(kCdc, 10s)) << index;
    EXPECT_EQ(version(kBootloader), index == 2 ? 400 : 11);
  }
  listen();
  EXPECT_EQ(ask("v"), "system firmware version: 1.5.2\n\r\n");
}

TEST_F(WholeDevice, DiesOfAnAcceptedIndex2WithoutIndex3) {
  put_release(board.flash(), 21, 6);
  board.power(true);
  ASSERT_TRUE(until(kCdc, 10s));
  listen();
  EXPECT_THAT(send(part(1, 110)), HasSubstr("Downloaded file successfully!"));
  ASSERT_TRUE(until(0, 3s));
  ASSERT_TRUE(until(kCdc, 10s));
  listen();
  EXPECT_THAT(send(part(2, 110)), HasSubstr("Downloaded file successfully!"));
  ASSERT_TRUE(until(0, 3s));
  EXPECT_FALSE(until(kCdc, 60s));
  EXPECT_EQ(board.led(), (Led{"red", "SOS"}));
}

TEST_F(WholeDevice, IsInSafeModeWhenTheButtonAsksForIt) {
  put_release(board.flash(), 110, 11);
  board.press_mode(true);
  board.power(true);
  pass(2s);
  board.press_mode(false);
  ASSERT_TRUE(until(kCdc, 10s));
  EXPECT_EQ(board.led(), (Led{"magenta", "breathing"}));
}

TEST_F(WholeDevice, GetsItsApplicationBackFromTheFactoryStore) {
  put_release(board.flash(), 2302, 1006);
  put(board.flash(), kUserPart, {});
  board.flash().load(0x080A0000, user_part());
  board.power(true);
  ASSERT_TRUE(until(kCdc, 10s));
  EXPECT_EQ(version(kUserPart), 3);
  EXPECT_EQ(board.led(), (Led{"green", "blinking"}));
}

}  // namespace
}  // namespace sim
