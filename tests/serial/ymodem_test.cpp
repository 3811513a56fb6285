// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/ymodem.h"

#include "serial/console.h"
#include "serial/fake_receiver.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using namespace serial_test;  // NOLINT: the fakes
using base::Errc;
using serial::Claimed;
using serial::Failed;
using serial::NoWord;
using serial::Refused;
using Verdict = FakeReceiver::Verdict;

base::Bytes content(std::size_t size) {
  base::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

class SendModule : public testing::Test {
 protected:
  serial::Outcome send(std::size_t block) {
    return serial::send_module(
        port_, clock_, "module.bin", module_, block, [this](std::uint64_t done) { done_ = done; },
        cancel_);
  }

  ManualClock clock_;
  ScriptedPort port_{clock_};
  FakeReceiver receiver_{port_};
  base::CancelToken cancel_;
  base::Bytes module_ = content(5000);
  std::uint64_t done_ = 0;
};

TEST_F(SendModule, DeliversEveryByteInBlocksOf1024) {
  const auto outcome = send(1024);
  EXPECT_TRUE(std::holds_alternative<Claimed>(outcome));
  EXPECT_EQ(receiver_.received, base::as_text(module_));
  EXPECT_EQ(receiver_.name, "module.bin");
  EXPECT_EQ(receiver_.size, 5000u);
  EXPECT_EQ(done_, 5000u);
  EXPECT_EQ(receiver_.erasures, 1u);
}

TEST_F(SendModule, DeliversEveryByteInBlocksOf128) {
  receiver_.most_block = 128;
  module_ = content(70'000);  // packet numbers wrap
  EXPECT_TRUE(std::holds_alternative<Claimed>(send(128)));
  EXPECT_EQ(receiver_.received, base::as_text(module_));
}

TEST_F(SendModule, ReportsAMask) {
  receiver_.verdict = Verdict::mask;
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
  EXPECT_EQ(std::get<Refused>(outcome).mask, 0x44u);
  EXPECT_EQ(std::get<Refused>(outcome).error.code, Errc::refused);
}

TEST_F(SendModule, ReportsANumber) {
  receiver_.verdict = Verdict::number;
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
  EXPECT_EQ(std::get<Refused>(outcome).code, -1330);
  EXPECT_EQ(std::get<Refused>(outcome).error.id, "device-refused-integrity");
}

TEST_F(SendModule, AResetWithoutAWordIsNoSuccess) {
  receiver_.verdict = Verdict::silent_reset;
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<NoWord>(outcome));
  EXPECT_TRUE(std::get<NoWord>(outcome).gone);
}

TEST_F(SendModule, ReportsThatUpdatesAreSwitchedOff) {
  receiver_.verdict = Verdict::switched_off;
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
  EXPECT_EQ(std::get<Refused>(outcome).error.id, "device-refused-disabled");
  EXPECT_NE(std::get<Refused>(outcome).error.hint.find("magenta"), std::string::npos);
}

TEST_F(SendModule, ReportsThatTheDeviceCouldNotStoreIt) {
  receiver_.verdict = Verdict::save_failed;
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Failed>(outcome));
  EXPECT_EQ(std::get<Failed>(outcome).error.code, Errc::write_failed);
  EXPECT_TRUE(std::get<Failed>(outcome).listening);
}

TEST_F(SendModule, AbortsWhenInterruptedAndLeavesTheDeviceListening) {
  port_.from_device = [this](std::size_t number, char c) {
    if (number == 69) cancel_.request();
    return std::string(1, c);
  };
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Failed>(outcome));
  EXPECT_EQ(std::get<Failed>(outcome).error.code, Errc::cancelled);
  EXPECT_TRUE(std::get<Failed>(outcome).listening);
  EXPECT_EQ(receiver_.received, "");
}

TEST_F(SendModule, ADeviceThatAnswersNothingFailsWithinItsDeadline) {
  receiver_.silent = true;
  const base::Instant begin = clock_.now();
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Failed>(outcome));
  EXPECT_EQ(std::get<Failed>(outcome).error.code, Errc::timeout);
  EXPECT_FALSE(std::get<Failed>(outcome).listening);
  EXPECT_LT(clock_.now() - begin, 90s);
}

TEST_F(SendModule, ADeviceThatVanishesWhileItErasesIsGone) {
  port_.later(600ms, [this] { port_.vanish(); });
  const auto outcome = send(128);
  ASSERT_TRUE(std::holds_alternative<Failed>(outcome));
  EXPECT_EQ(std::get<Failed>(outcome).error.code, Errc::device_gone);
  EXPECT_FALSE(std::get<Failed>(outcome).listening);
}

// Whatever is sent into it is data to the device, and puts off the timeout that ends it.
TEST_F(SendModule, APacketThatAnotherProgramLeftUnfinishedIsEndedBySilence) {
  const auto write = [&](base::ByteView bytes) { ASSERT_TRUE(port_.write(bytes, 1s)); };
  write(base::as_bytes("f"));
  write(serial::header_packet("old.bin", 5000));
  write(base::ByteView(serial::packet(1, {}, 1024)).first(300));
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Failed>(outcome));
  EXPECT_TRUE(std::get<Failed>(outcome).listening) << "the next session can begin";
  EXPECT_TRUE(std::holds_alternative<serial::Claimed>(send(1024)));
}

TEST_F(SendModule, LargeBlocksToAReceiverOfSmallOnesFailAndLeaveItListening) {
  receiver_.most_block = 128;
  const auto outcome = send(1024);
  ASSERT_TRUE(std::holds_alternative<Failed>(outcome));
  EXPECT_EQ(std::get<Failed>(outcome).error.code, Errc::protocol);
  EXPECT_TRUE(std::get<Failed>(outcome).listening);
}

// One byte on the line is lost, doubled, or changed; then the same module is sent again.
struct Damage {
  const char* name;
  bool to_device;
  std::string (*how)(char);
};

class SendModuleOverABadLine : public testing::TestWithParam<Damage> {};

TEST_P(SendModuleOverABadLine, EndsHonestlyAndWorksTheNextTime) {
  const Damage& damage = GetParam();
  const base::Bytes module = content(600);
  const base::CancelToken cancel;
  // From the device come 65 bytes of prompt, some ten of acknowledgement, and the last words.
  const std::size_t bytes = damage.to_device ? 940 : 200;
  for (std::size_t at = 0; at < bytes; at += damage.to_device ? 7 : 1) {
    SCOPED_TRACE(at);
    ManualClock clock;
    ScriptedPort port(clock);
    FakeReceiver receiver(port);
    const auto strike = [&](std::size_t number, char c) {
      return number == at ? damage.how(c) : std::string(1, c);
    };
    if (damage.to_device) {
      port.to_device = strike;
    } else {
      port.from_device = strike;
    }
    const auto send = [&] {
      return serial::send_module(
          port, clock, "m", module, 128, [](std::uint64_t) {}, cancel);
    };
    auto outcome = send();
    if (const auto* failed = std::get_if<Failed>(&outcome)) {
      // The receiver is never left behind in a transfer.
      ASSERT_TRUE(failed->listening) << failed->error.message;
      outcome = send();
    }
    // What the device has is what it was sent, or differs in a byte that its own CRC will find.
    ASSERT_TRUE(std::holds_alternative<Claimed>(outcome) ||
                std::holds_alternative<NoWord>(outcome));
    EXPECT_EQ(receiver.received.size(), receiver.size);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, SendModuleOverABadLine,
    testing::Values(Damage{"LostToDevice", true, [](char) { return std::string(); }},
                    Damage{"DoubledToDevice", true, [](char c) { return std::string(2, c); }},
                    Damage{"GarbledToDevice", true,
                           [](char c) { return std::string(1, static_cast<char>(c ^ 0x20)); }},
                    Damage{"LostFromDevice", false, [](char) { return std::string(); }},
                    Damage{"DoubledFromDevice", false, [](char c) { return std::string(2, c); }},
                    Damage{"GarbledFromDevice", false,
                           [](char c) { return std::string(1, static_cast<char>(c ^ 0x20)); }}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(Crc16, IsThatOfTheBooks) { EXPECT_EQ(serial::crc16(base::as_bytes("123456789")), 0x31C3); }

TEST(Packet, HasKindNumberComplementDataAndCrc) {
  const base::Bytes bytes = serial::packet(257, base::as_bytes("ab"), 128);
  ASSERT_EQ(bytes.size(), 133u);
  EXPECT_EQ(bytes[0], 0x01);
  EXPECT_EQ(bytes[1], 1);
  EXPECT_EQ(bytes[2], 0xFE);
  EXPECT_EQ(bytes[3], 'a');
  EXPECT_EQ(bytes[5], 0);
  EXPECT_EQ(serial::crc16(base::ByteView(bytes).subspan(3)), 0);
  EXPECT_EQ(serial::packet(1, {}, 1024).size(), 1029u);
  EXPECT_EQ(serial::packet(1, {}, 1024)[0], 0x02);
}

TEST(HeaderPacket, EndsTheSizeWithASpace) {
  const base::Bytes bytes = serial::header_packet("part.bin", 131072);
  const std::string text(bytes.begin() + 3, bytes.begin() + 3 + 17);
  EXPECT_EQ(text, std::string("part.bin\0", 9) + "131072 " + '\0');
}

TEST(HeaderPacket, CutsALongName) {
  EXPECT_EQ(serial::header_packet(std::string(500, 'n'), 1).size(), 133u);
}

TEST(RefusalOfMask, NamesTheWeightiestReason) {
  EXPECT_EQ(serial::refusal_of_mask(0x2).id, "device-refused-integrity");
  EXPECT_EQ(serial::refusal_of_mask(0x10).id, "device-refused-platform");
  EXPECT_EQ(serial::refusal_of_mask(0x44).id, "device-refused-dependencies");
  EXPECT_EQ(serial::refusal_of_mask(0x5e).id, "device-refused-integrity");
  EXPECT_EQ(serial::refusal_of_mask(0).id, "device-refused-unknown");
}

TEST(RefusalOfCode, NamesKnownErrorsAndShowsOthers) {
  EXPECT_EQ(serial::refusal_of_code(-1340).id, "device-refused-dependencies");
  EXPECT_EQ(serial::refusal_of_code(-1380).id, "device-refused-disabled");
  EXPECT_NE(serial::refusal_of_code(-77).message.find("-77"), std::string::npos);
}

TEST(ParseEnding, WaitsForTheWholeNumber) {
  EXPECT_FALSE(serial::parse_ending("Validation failed: 0x4"));
  EXPECT_TRUE(serial::parse_ending("Validation failed: 0x44\r\n"));
  EXPECT_FALSE(serial::parse_ending("Validation failed: -13"));
}

TEST(ParseEnding, KnowsTheWordsOfEveryGeneration) {
  EXPECT_TRUE(std::holds_alternative<Claimed>(
      *serial::parse_ending("\x06\r\nDownloaded file successfully!\r\n")));
  EXPECT_TRUE(
      std::holds_alternative<Failed>(*serial::parse_ending("\x18\x18Verification failed!\r\n")));
  EXPECT_TRUE(std::holds_alternative<Failed>(*serial::parse_ending("Aborted by user.\r\n")));
  EXPECT_TRUE(
      std::holds_alternative<Failed>(*serial::parse_ending("Failed to receive the file!\r\n")));
  EXPECT_FALSE(serial::parse_ending("Waiting for the binary file"));
}

}  // namespace
