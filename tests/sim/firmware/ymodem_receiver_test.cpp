// SPDX-License-Identifier: GPL-3.0-or-later
//
// Modules sent to the running firmware, release by release.
#include "sim/firmware/ymodem_receiver.h"

#include "firmware/parse.h"
#include "sim/board/dct.h"
#include "sim/board/stored_module.h"
#include "sim/firmware_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPrompt =
    "Waiting for the binary file to be sent ... (press 'a' to abort)\r\n";

std::string packet(std::uint8_t number, std::string data, std::size_t size) {
  data.resize(size, number == 0 ? '\0' : '\x1A');
  std::string text;
  text += static_cast<char>(size == 128 ? 0x01 : 0x02);
  text += static_cast<char>(number);
  text += static_cast<char>(~number);
  return text + data + std::string(2, '\0');  // a CRC that is not even tried
}

class Ymodem : public ::testing::Test {
 protected:
  Bench bench;

  void listen_as(std::uint16_t version, std::uint16_t bootloader) {
    put_release(bench.flash(), version, bootloader);
    bench.listen();
  }

  std::string header(const std::string& text) { return bench.ask(packet(0, text, 128), 1500ms); }

  // Sends a whole session; what came in all, acknowledgements left out, without what follows the
  // module's fate.
  std::string send(const base::Bytes& image, std::size_t block, const std::string& size = {}) {
    EXPECT_EQ(bench.ask("f"), kPrompt);
    std::string name = "module.bin";
    name += '\0';
    name += (size.empty() ? std::to_string(image.size()) : size) + ' ';
    EXPECT_EQ(header(name),
              "\x06"
              "C");
    std::uint8_t number = 1;
    for (std::size_t at = 0; at < image.size(); at += block) {
      const std::size_t length = std::min(block, image.size() - at);
      const std::string answer = bench.ask(
          packet(number++, base::as_text(base::ByteView(image).subspan(at, length)), block), 50ms);
      EXPECT_EQ(answer, "\x06");
      if (answer != "\x06") return answer;
    }
    EXPECT_EQ(bench.ask("\x04", 50ms), "\x06");
    return bench.ask(packet(0, "", 128), 1050ms);
  }

  std::string success(const base::Bytes& image) {
    return "\x06\r\nDownloaded file successfully!\r\nName: module.bin\r\nSize: " +
           std::to_string(image.size()) +
           " bytes\r\nRestarting system to apply firmware update...\r\n";
  }

  // The update slot that the bootloader will find; length 0 if there is none.
  ModuleSlot slot() {
    const Dct dct(bench.flash(), DctFormat::with_footer);
    ModuleSlot found = read_slot(dct, 1);
    if (found.magic != ModuleSlot::kUpdate) found.length = 0;
    return found;
  }
};

TEST_F(Ymodem, TakesAPartInLargeBlocksAndRegistersIt) {
  for (const auto& [version, bootloader] : {std::pair<std::uint16_t, std::uint16_t>{21, 6},
                                            {102, 6},
                                            {110, 11},
                                            {1512, 400},
                                            {2302, 1004}}) {
    listen_as(version, bootloader);
    const base::Bytes image = part(1, version);
    EXPECT_EQ(send(image, 1024), success(image)) << version;
    bench.advance(1s);
    EXPECT_TRUE(bench.was_reset());
    EXPECT_EQ(slot().source, 0x080C0000U);
    EXPECT_EQ(slot().destination, 0x08020000U);
    EXPECT_EQ(slot().length, image.size());
    EXPECT_EQ(slot().function, 4);
    const base::ByteView staged = bench.flash().view({0x080C0000, 0x080E0000}).first(image.size());
    EXPECT_TRUE(std::equal(image.begin(), image.end(), staged.begin()));
    bench.flash().fill_blank(platform::electron().flash);
  }
}

TEST_F(Ymodem, TakesSmallBlocksIn048AndStumblesOverTheSecondLargeOne) {
  listen_as(10, 6);
  const base::Bytes image = part(1, 10);
  EXPECT_EQ(send(image, 128), success(image));
  bench.advance(1s);
  bench.listen();
  bench.ask("f");
  header(
      std::string("m\0"
                  "4096 ",
                  7));
  EXPECT_EQ(bench.ask(packet(1, "", 1024), 50ms), "\x06");
  EXPECT_EQ(bench.ask(packet(2, "", 1024), 50ms), "C");
  bench.ask(packet(2, "", 1024), 50ms);
  std::string rest;
  for (int i = 0; i < 4; ++i) rest += bench.ask(packet(2, "", 1024), 200ms);
  EXPECT_EQ(rest,
            "CCC\x18\x18"
            "Failed to receive the file!\r\n");
}

TEST_F(Ymodem, ClaimsSuccessForWhatItRefusesUpTo060) {
  for (const std::uint16_t version : {std::uint16_t{21}, std::uint16_t{102}}) {
    listen_as(version, 6);
    base::Bytes image = part(1, version);
    image[3000] ^= 1;
    EXPECT_EQ(send(image, 1024), success(image));
    bench.advance(1s);
    EXPECT_TRUE(bench.was_reset());
    EXPECT_EQ(slot().length, 0U);
    bench.flash().fill_blank(platform::electron().flash);
  }
}

TEST_F(Ymodem, NamesTheFailedChecksFrom061To152) {
  for (const auto& [version, bootloader] :
       {std::pair<std::uint16_t, std::uint16_t>{105, 11}, {110, 11}, {1512, 400}}) {
    listen_as(version, bootloader);
    base::Bytes damaged = part(3, version);
    damaged[3000] ^= 1;
    EXPECT_EQ(send(damaged, 1024), "\x18\x18Validation failed: 0x2\r\n");
    base::Bytes foreign = part(3, version);
    base::store_le16(foreign, 12, 6);
    firmware::seal(foreign);
    EXPECT_EQ(send(foreign, 1024), "\x18\x18Validation failed: 0x10\r\n");
    EXPECT_EQ(send(base::Bytes(4096, 0x77), 1024), "\x18\x18Validation failed: 0x5e\r\n");
    EXPECT_EQ(send(part(1, 1), 1024), "\x18\x18Validation failed: 0x44\r\n");
    bench.advance(5s);
    EXPECT_FALSE(bench.was_reset());
    EXPECT_THAT(bench.ask("v"), HasSubstr("system firmware version"));
    EXPECT_EQ(slot().length, 0U);
    bench.flash().fill_blank(platform::electron().flash);
  }
}

TEST_F(Ymodem, ResetsWithoutAWordWhen231Refuses) {
  listen_as(2302, 1004);
  base::Bytes image = part(1, 2302);
  image[3000] ^= 1;
  EXPECT_EQ(send(image, 1024), "");
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(slot().length, 0U);
}

TEST_F(Ymodem, CopiesAnOwnIndex2OfVersion1On053Only) {
  listen_as(21, 6);
  EXPECT_EQ(send(module(kSystemPart2, 1, {kSystemPart1, 1}), 1024).substr(0, 1), "\x06");
  bench.advance(1s);
  EXPECT_NE(slot().length, 0U);
}

TEST_F(Ymodem, WritesABootloaderAtOnce) {
  listen_as(110, 11);
  const base::Bytes image = module(kBootloader, 12, {}, {}, 12876);
  EXPECT_EQ(send(image, 1024), success(image));
  EXPECT_EQ(version_at(bench.flash(), platform::electron(), kBootloader), 12);
  EXPECT_TRUE(bench.flash().write_protected(0));
  bench.advance(1s);
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(slot().length, 0U);
}

TEST_F(Ymodem, DoesNotCompareTheSizeWithTheRoom) {
  listen_as(110, 11);
  EXPECT_THAT(send(part(3, 110), 1024, "200000"), HasSubstr("Downloaded file successfully!"));
}

TEST_F(Ymodem, RefusesARepeatedPacketAndGoesOn) {
  listen_as(110, 11);
  bench.ask("f");
  header(
      std::string("m\0"
                  "4096 ",
                  7));
  EXPECT_EQ(bench.ask(packet(1, "", 128), 50ms), "\x06");
  EXPECT_EQ(bench.ask(packet(1, "", 128), 50ms), "\x15");
  EXPECT_EQ(bench.ask(packet(2, "", 128), 50ms), "\x06");
}

TEST_F(Ymodem, AsksForTheFirstTimeAfterFiveSecondsAndGivesUpAfterSix) {
  listen_as(110, 11);
  bench.ask("f", 4900ms);
  EXPECT_EQ(bench.read(), "");
  bench.advance(200ms);
  EXPECT_EQ(bench.read(), "C");
  bench.advance(26s);
  EXPECT_EQ(bench.read(),
            "CCCC\x18\x18"
            "Failed to receive the file!\r\n");
  EXPECT_THAT(bench.ask("v"), HasSubstr("0.6.4"));
}

TEST_F(Ymodem, IsAbortedByALetter) {
  listen_as(102, 6);
  bench.ask("f");
  EXPECT_EQ(bench.ask("a"),
            "\x18\x18"
            "Aborted by user.\r\n");
  bench.flash().fill_blank(platform::electron().flash);
  listen_as(110, 11);
  bench.ask("f");
  EXPECT_EQ(bench.ask("a"),
            "\x18\x18\x18\x18"
            "Aborted by user.\r\n");
  EXPECT_THAT(bench.ask("v"), HasSubstr("0.6.4"));
}

TEST_F(Ymodem, StartsWithAPacketAndNoPromptSince050) {
  listen_as(21, 6);
  EXPECT_EQ(header(std::string("m\0"
                               "4096 ",
                               7)),
            "\x06"
            "C");
}

TEST_F(Ymodem, AcknowledgesASpace) {
  listen_as(110, 11);
  bench.ask("f");
  EXPECT_EQ(bench.ask(" ", 50ms), "\x06");
}

TEST_F(Ymodem, EndsWhenTheSenderCancels) {
  listen_as(110, 11);
  bench.ask("f");
  EXPECT_EQ(bench.ask("\x18\x18", 200ms),
            "\x06"
            "Failed to receive the file!\r\n");
}

TEST_F(Ymodem, ReportsAWordThatDoesNotProgram) {
  listen_as(110, 11);
  bench.flash().set_bad_sector(10);
  bench.ask("f");
  EXPECT_EQ(header(std::string("m\0"
                               "4096 ",
                               7)),
            "\x18\x18"
            "Failed to save chunk!\r\n");
}

}  // namespace
}  // namespace sim
