// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/dfuse.h"

#include "dfu/electron_bytes.h"
#include "dfu/scripted_transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace dfu {
namespace {

using base::AddressRange;
using base::Errc;
using dfu_test::Exchange;
using dfu_test::ScriptedTransport;
using dfu_test::status;
using dfu_test::StepClock;

constexpr AddressRange kWritable{0x08020000, 0x08100000};
constexpr AddressRange kSector{0x08020000, 0x08040000};
constexpr BootloaderTraits kElectron{.poll_timeout_is_decoration = true};

std::vector<Exchange> opening() {
  return {{"CONFIGURATION", dfu_test::electron_configuration()},
          {"CLAIM 0"},
          {"GETSTATE", {2}},
          {"ALT 0 0"},
          {"STRING 6", base::Bytes(dfu_test::kElectronMap.begin(), dfu_test::kElectronMap.end())}};
}

// An operation as the Electron's bootloader does it.
std::vector<Exchange> operation(const std::string& download) {
  return {{download}, {"GETSTATUS", status(4, 50)}, {"GETSTATUS", status(5, 50)}};
}

// The last block of a write: that it is over shows in whatever comes next.
std::vector<Exchange> last_block(const std::string& download) {
  return {{download}, {"GETSTATUS", status(4, 50)}};
}

std::vector<Exchange> operator+(std::vector<Exchange> a, const std::vector<Exchange>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct DfuseTargetTest : testing::Test {
  void open(std::vector<Exchange> script, BootloaderTraits traits = kElectron) {
    transport.emplace(clock, opening() + script);
    auto opened = DfuseTarget::open(*transport, clock, 0, kWritable, traits);
    ASSERT_TRUE(opened) << opened.error().message;
    target.emplace(std::move(*opened));
  }
  base::Result<> write(std::uint32_t address, base::ByteView bytes) {
    return target->write(address, bytes, {}, never);
  }
  base::Result<base::Bytes> read(AddressRange range) { return target->read(range, {}, never); }

  StepClock clock;
  base::CancelToken never;
  std::optional<ScriptedTransport> transport;
  std::optional<DfuseTarget> target;
};

// --- opening ---

TEST_F(DfuseTargetTest, ReadsTheMemoryMapWhenOpened) {
  open({});
  EXPECT_EQ(target->memory_map().sectors.size(), 12U);
}

TEST_F(DfuseTargetTest, ReadsTheConfigurationOnceMoreWhenThatHasRunSomethingPending) {
  auto script = opening();
  script.insert(script.begin(), {"CONFIGURATION", {}, Errc::usb_stall});
  transport.emplace(clock, script);
  EXPECT_TRUE(DfuseTarget::open(*transport, clock, 0, kWritable, kElectron));
}

TEST_F(DfuseTargetTest, TrustsNoOtherTransferSize) {
  for (const std::uint8_t high : base::Bytes{0x08, 0x11, 0xFF}) {
    base::Bytes configuration = dfu_test::electron_configuration();
    configuration[33] = high;
    transport.emplace(clock, std::vector<Exchange>{{"CONFIGURATION", configuration}});
    const auto opened = DfuseTarget::open(*transport, clock, 0, kWritable, kElectron);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::protocol);
  }
}

TEST_F(DfuseTargetTest, AsksForNoStringThatTheDescriptorsDoNotName) {
  base::Bytes configuration = dfu_test::electron_configuration();
  configuration[17] = 0;
  transport.emplace(clock, std::vector<Exchange>{{"CONFIGURATION", configuration}});
  const auto opened = DfuseTarget::open(*transport, clock, 0, kWritable, kElectron);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::protocol);
}

// --- what goes over the wire ---

TEST_F(DfuseTargetTest, WritesAfterAnEraseWithoutSettingTheAddressAgain) {
  open(operation("DNLOAD 0 4100000208") + operation("DNLOAD 2 [4096]") +
       operation("DNLOAD 3 [4096]") + last_block("DNLOAD 4 [100]"));
  const base::Bytes bytes(2 * 4096 + 100, 0x5A);
  ASSERT_TRUE(target->erase(kSector));
  ASSERT_TRUE(write(0x08020000, bytes));
  EXPECT_EQ(transport->downloaded(), bytes);
  EXPECT_EQ(clock.slept().count(), 0);
}

TEST_F(DfuseTargetTest, SetsTheAddressWhereTheDevicesPointerIsNotKnown) {
  open(operation("DNLOAD 0 2100000408") + last_block("DNLOAD 2 [16]"));
  ASSERT_TRUE(write(0x08040000, base::Bytes(16, 1)));
}

TEST_F(DfuseTargetTest, NumbersOnFromOneWriteToTheNext) {
  const std::vector<Exchange> abort{{"ABORT"}};
  open(operation("DNLOAD 0 2100000408") + last_block("DNLOAD 2 [4096]") + abort +
       last_block("DNLOAD 3 [4096]") + abort + operation("DNLOAD 0 2110200408") +
       last_block("DNLOAD 2 [16]"));
  ASSERT_TRUE(write(0x08040000, base::Bytes(4096, 1)));
  ASSERT_TRUE(write(0x08041000, base::Bytes(4096, 1)));
  ASSERT_TRUE(write(0x08042010, base::Bytes(16, 1)));  // no block begins there
}

TEST_F(DfuseTargetTest, LeavesGapsForBlankBlocks) {
  open(operation("DNLOAD 0 4100000208") + operation("DNLOAD 3 [4096]") +
       last_block("DNLOAD 5 [8]"));
  base::Bytes bytes(3 * 4096 + 8, 0xFF);
  bytes[4096] = 0;
  bytes[3 * 4096] = 0;
  ASSERT_TRUE(target->erase(kSector));
  std::vector<std::uint64_t> progress;
  ASSERT_TRUE(target->write(
      0x08020000, bytes, [&](std::uint64_t done) { progress.push_back(done); }, never));
  EXPECT_EQ(progress, (std::vector<std::uint64_t>{4096, 8192, 12288, 12296}));
  EXPECT_EQ(target->counters().bytes_written, 4096U + 8U);
}

TEST_F(DfuseTargetTest, ReadsAContiguousRangeWithOneAddressAndOneAbort) {
  open(operation("DNLOAD 0 2100000008") +
       std::vector<Exchange>{{"ABORT"},
                             {"UPLOAD 2 [4096]", base::Bytes(4096, 1)},
                             {"UPLOAD 3 [4096]", base::Bytes(4096, 2)},
                             {"UPLOAD 4 [36]", base::Bytes(36, 3)}});
  const auto bytes = read({0x08000000, 0x08002024});
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(bytes->size(), 0x2024U);
  EXPECT_EQ(bytes->front(), 1);
  EXPECT_EQ((*bytes)[4096], 2);
  EXPECT_EQ(bytes->back(), 3);
}

TEST_F(DfuseTargetTest, AbortsOnceBetweenDirections) {
  open(operation("DNLOAD 0 4100000208") + last_block("DNLOAD 2 [8]") +
       std::vector<Exchange>{{"ABORT"}, {"UPLOAD 2 [8]", base::Bytes(8, 7)}, {"ABORT"}} +
       operation("DNLOAD 0 4100000408"));
  ASSERT_TRUE(target->erase(kSector));
  ASSERT_TRUE(write(0x08020000, base::Bytes(8, 7)));
  ASSERT_TRUE(read({0x08020000, 0x08020008}));
  ASSERT_TRUE(target->erase({0x08040000, 0x08060000}));
}

TEST_F(DfuseTargetTest, SetsOneAddressForASectorWhoseFirstBlockComesLast) {
  open(operation("DNLOAD 0 2100000208") + last_block("DNLOAD 3 [8]") +
       std::vector<Exchange>{{"ABORT"}, {"UPLOAD 3 [8]", base::Bytes(8, 7)}, {"ABORT"}} +
       last_block("DNLOAD 2 [8]"));
  ASSERT_TRUE(write(0x08021000, base::Bytes(8, 7)));
  ASSERT_TRUE(read({0x08021000, 0x08021008}));
  ASSERT_TRUE(write(0x08020000, base::Bytes(8, 7)));
}

TEST_F(DfuseTargetTest, StaysWithinSixteenBitsOfBlockNumber) {
  // A made-up memory of 512 MiB: block 0xFFFF is 0xFFFD * 4096 behind the pointer.
  constexpr AddressRange kLarge{0x10000000, 0x30000000};
  const std::string map = "@Large/0x10000000/512*1Mg";
  std::vector<Exchange> script = opening();
  script.back().answer.assign(map.begin(), map.end());
  const std::vector<Exchange> abort{{"ABORT"}};
  transport.emplace(clock, script + operation("DNLOAD 0 2100000010") + last_block("DNLOAD 2 [4]") +
                               abort + last_block("DNLOAD 65535 [4]") + abort +
                               operation("DNLOAD 0 210000f01f") + last_block("DNLOAD 256 [4]"));
  auto opened = DfuseTarget::open(*transport, clock, 0, kLarge, kElectron);
  ASSERT_TRUE(opened);
  const base::Bytes word(4, 0);
  EXPECT_TRUE(opened->write(0x10000000, word, {}, never));
  EXPECT_TRUE(opened->write(0x1FFFD000, word, {}, never));
  EXPECT_TRUE(opened->write(0x1FFFE000, word, {}, never));
}

TEST_F(DfuseTargetTest, CountsTransfersOfWritingApart) {
  std::vector<Exchange> script = operation("DNLOAD 0 4100000208");
  for (int block = 2; block < 33; ++block) {
    script = script + operation(fmt::format("DNLOAD {} [4096]", block));
  }
  script = script + last_block("DNLOAD 33 [4096]");
  open(script + std::vector<Exchange>{{"ABORT"}, {"UPLOAD 2 [8]", base::Bytes(8, 0)}});
  ASSERT_TRUE(target->erase(kSector));
  ASSERT_TRUE(write(kSector.begin, base::Bytes(kSector.size(), 0)));
  ASSERT_TRUE(read({0x08020000, 0x08020008}));
  const Counters counters = target->counters();
  EXPECT_EQ(counters.write_transfers, 98U);  // 3.1 for each 4096 bytes
  EXPECT_EQ(counters.transfers, 1U + 98U + 2U);
  EXPECT_EQ(counters.erases, 1U);
  EXPECT_EQ(counters.bytes_written, 131072U);
  EXPECT_EQ(counters.bytes_read, 8U);
}

// --- what is never done ---

TEST_F(DfuseTargetTest, RefusesToWriteOutsideOfWhatMayBeWritten) {
  open({});
  const base::Bytes word(4, 0);
  EXPECT_EQ(write(0x0801FFFC, word).error().code, Errc::refused);
  EXPECT_EQ(write(0x0801F000, base::Bytes(0x2000, 0)).error().code, Errc::refused);
  EXPECT_EQ(write(0x080FFFFC, base::Bytes(8, 0)).error().code, Errc::refused);
  EXPECT_EQ(write(0x08100000, word).error().code, Errc::refused);
  EXPECT_EQ(write(0xFFFFFFFC, base::Bytes(64, 0)).error().code, Errc::refused);
  EXPECT_EQ(write(0x08020002, word).error().code, Errc::refused);
}

TEST_F(DfuseTargetTest, RefusesToEraseWhatIsNoErasableSector) {
  open({});
  EXPECT_EQ(target->erase({0x08000000, 0x08004000}).error().code, Errc::refused);
  EXPECT_EQ(target->erase({0x0800C000, 0x08010000}).error().code, Errc::refused);
  EXPECT_EQ(target->erase({0x08020000, 0x08060000}).error().code, Errc::refused);
  EXPECT_EQ(target->erase({0x08021000, 0x08022000}).error().code, Errc::refused);
  EXPECT_EQ(target->erase({0x08100000, 0x08120000}).error().code, Errc::refused);
}

TEST_F(DfuseTargetTest, NeverReadsAcrossTheEndOfFlashWhateverTheDeviceSays) {
  auto script = opening();
  const std::string map = "@Internal Flash   /0x08000000/05*016Kg,01*064Kg,99*128Kg";
  script.back().answer.assign(map.begin(), map.end());
  transport.emplace(clock, script);
  auto opened = DfuseTarget::open(*transport, clock, 0, kWritable, kElectron);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->read({0x080FFFC0, 0x08100040}, {}, never).error().code, Errc::refused);
  EXPECT_EQ(opened->read({0x08100000, 0x08100040}, {}, never).error().code, Errc::refused);
  EXPECT_EQ(opened->read({0x07FFFFF0, 0x08000010}, {}, never).error().code, Errc::refused);
}

TEST_F(DfuseTargetTest, StopsBetweenBlocksWhenInterrupted) {
  open(operation("DNLOAD 0 2100000408") + operation("DNLOAD 2 [4096]"));
  base::CancelToken cancel;
  const auto result = target->write(
      0x08040000, base::Bytes(3 * 4096, 1), [&](std::uint64_t) { cancel.request(); }, cancel);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::cancelled);
  EXPECT_NE(result.error().message.find("0x08041000"), std::string::npos);
}

TEST_F(DfuseTargetTest, DoesNotCallAFailedReadAFailedWrite) {
  open({{"DNLOAD 0 2100000208"}, {"GETSTATUS", {}, Errc::usb_stall}});
  const auto bytes = read({0x08020000, 0x08021000});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::usb_io);
  EXPECT_NE(bytes.error().message.find("0x08020000"), std::string::npos);
}

TEST_F(DfuseTargetTest, RefusesAnUploadThatIsTooShort) {
  open(operation("DNLOAD 0 2100000208") +
       std::vector<Exchange>{{"ABORT"}, {"UPLOAD 2 [4096]", base::Bytes(64, 1)}});
  const auto bytes = read({0x08020000, 0x08021000});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::protocol);
}

}  // namespace
}  // namespace dfu
