// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/dfuse.h"
#include "dfu/electron_bytes.h"
#include "dfu/scripted_transport.h"
#include "dfu/timing.h"

#include <gtest/gtest.h>

#include <optional>

namespace dfu {
namespace {

using base::Errc;
using dfu_test::Exchange;
using dfu_test::ScriptedTransport;
using dfu_test::status;
using dfu_test::StepClock;

constexpr base::AddressRange kWritable{0x08020000, 0x08100000};
constexpr base::AddressRange kSector{0x08040000, 0x08060000};
constexpr BootloaderTraits kElectron{.poll_timeout_is_decoration = true};
constexpr BootloaderTraits kUnknown{};
constexpr std::size_t kOpening = 5;  // requests of open()

struct OperationTest : testing::Test {
  void open(std::vector<Exchange> script, BootloaderTraits traits = kElectron) {
    std::vector<Exchange> whole{
        {"CONFIGURATION", dfu_test::electron_configuration()},
        {"CLAIM 0"},
        {"GETSTATE", {2}},
        {"ALT 0 0"},
        {"STRING 6", base::Bytes(dfu_test::kElectronMap.begin(), dfu_test::kElectronMap.end())}};
    whole.insert(whole.end(), script.begin(), script.end());
    transport.emplace(clock, whole);
    auto opened = DfuseTarget::open(*transport, clock, 0, kWritable, traits);
    ASSERT_TRUE(opened) << opened.error().message;
    target.emplace(std::move(*opened));
  }
  base::Result<> write() { return target->write(kSector.begin, base::Bytes(8, 1), {}, never); }

  StepClock clock;
  base::CancelToken never;
  std::optional<ScriptedTransport> transport;
  std::optional<DfuseTarget> target;
};

TEST_F(OperationTest, TakesAStallOfTheRunningGetStatusAsTheOperationsFailureAndDoesNotAskAgain) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", {}, Errc::usb_stall}});
  const auto result = target->erase(kSector);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::write_failed);
  EXPECT_NE(result.error().message.find("0x08040000"), std::string::npos);
  EXPECT_FALSE(result.error().hint.empty());
  EXPECT_EQ(target->counters().erases, 0U);
}

TEST_F(OperationTest, NamesTheAddressOfTheBlockThatFailed) {
  open({{"DNLOAD 0 4100000408"},
        {"GETSTATUS", status(4)},
        {"GETSTATUS", status(5)},
        {"DNLOAD 2 [4096]"},
        {"GETSTATUS", status(4)},
        {"GETSTATUS", status(5)},
        {"DNLOAD 3 [4096]"},
        {"GETSTATUS", {}, Errc::usb_stall}});
  ASSERT_TRUE(target->erase(kSector));
  const auto result = target->write(kSector.begin, base::Bytes(3 * 4096, 1), {}, never);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::write_failed);
  EXPECT_NE(result.error().message.find("0x08041000"), std::string::npos);
  EXPECT_EQ(target->counters().bytes_written, 4096U);
}

TEST_F(OperationTest, SetsTheAddressAnewAfterAFailure) {
  // The erase that fails moves the device's pointer all the same.
  open({{"DNLOAD 0 4100000408"},
        {"GETSTATUS", status(4)},
        {"GETSTATUS", status(5)},
        {"DNLOAD 0 4100000608"},
        {"GETSTATUS", {}, Errc::usb_stall},
        {"GETSTATE", {5}},
        {"ABORT"},
        {"GETSTATE", {2}},
        {"DNLOAD 0 2100000408"},
        {"GETSTATUS", status(4)},
        {"GETSTATUS", status(5)},
        {"DNLOAD 2 [8]"},
        {"GETSTATUS", status(4)}});
  ASSERT_TRUE(target->erase(kSector));
  ASSERT_FALSE(target->erase({0x08060000, 0x08080000}));
  EXPECT_TRUE(write());
}

TEST_F(OperationTest, ReportsADownloadThatTheDeviceHasDropped) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", status(5)}});
  const auto result = target->erase(kSector);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::write_failed);
}

TEST_F(OperationTest, ReportsAnErrorStatusInWords) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", status(10, 0, 4)}}, kUnknown);
  const auto result = target->erase(kSector);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::write_failed);
  EXPECT_NE(result.error().message.find("Memory erase function failed"), std::string::npos);
}

TEST_F(OperationTest, ReportsARefusedDownloadWithoutRunningAnything) {
  open({{"DNLOAD 0 4100000408", {}, Errc::usb_stall}});
  EXPECT_EQ(target->erase(kSector).error().code, Errc::write_failed);
}

TEST_F(OperationTest, WaitsForADeviceThatGoesSilentAndThenDoesNotKnowTheOutcome) {
  open({{"DNLOAD 0 4100000408"},
        {"GETSTATUS", {}, Errc::timeout},
        {"GETSTATUS", {}, Errc::timeout},
        {"GETSTATUS", status(5)}});
  const auto result = target->erase(kSector);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::write_failed);
  EXPECT_EQ(result.error().id, "outcome-unknown");
}

TEST_F(OperationTest, GivesUpOnADeviceThatStaysSilent) {
  open({{"DNLOAD 0 4100000408"},
        {"GETSTATUS", {}, Errc::timeout},
        {"GETSTATUS", {}, Errc::timeout},
        {"GETSTATUS", {}, Errc::timeout}});
  const auto result = target->erase(kSector);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().id, "outcome-unknown");
}

TEST_F(OperationTest, TellsThatTheDeviceIsGone) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", {}, Errc::device_gone}});
  EXPECT_EQ(target->erase(kSector).error().code, Errc::device_gone);
}

TEST_F(OperationTest, GivesAnEraseLongerThanTheLongestErase) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", status(4)}, {"GETSTATUS", status(5)}});
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_GE(transport->timeout(kOpening + 1), base::Millis(2000) + base::Millis(1000));
}

TEST_F(OperationTest, HonoursThePollTimeoutOfAnUnknownBootloader) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", status(4, 700)}, {"GETSTATUS", status(5, 50)}},
       kUnknown);
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_EQ(clock.slept(), base::Millis(700));
}

TEST_F(OperationTest, DoesNotSleepForAPollTimeoutThatIsDecoration) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", status(4, 700)}, {"GETSTATUS", status(5, 50)}});
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_EQ(clock.slept(), base::Millis(0));
}

TEST_F(OperationTest, LearnsTheTraitsLater) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", status(4, 700)}, {"GETSTATUS", status(5, 50)}},
       kUnknown);
  target->set_traits(kElectron);
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_EQ(clock.slept(), base::Millis(0));
}

TEST_F(OperationTest, AsksAnUnknownBootloaderAfterTheLastBlockToo) {
  open({{"DNLOAD 0 4100000408"},
        {"GETSTATUS", status(5)},
        {"DNLOAD 2 [8]"},
        {"GETSTATUS", status(4)},
        {"GETSTATUS", status(3)},
        {"GETSTATUS", status(5)}},
       kUnknown);
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_TRUE(write());
}

TEST_F(OperationTest, DoesNotSleepForHoursBecauseADeviceSaysSo) {
  open({{"DNLOAD 0 4100000408"}, {"GETSTATUS", status(4, 0xFFFFFF)}, {"GETSTATUS", status(5)}},
       kUnknown);
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_LE(clock.slept(), kLongestPoll);
}

TEST_F(OperationTest, GivesUpOnADeviceThatStaysBusyForEver) {
  for (const BootloaderTraits traits : {kElectron, kUnknown}) {
    std::vector<Exchange> script{{"DNLOAD 0 4100000408"}};
    const auto asked = static_cast<std::size_t>(kEraseTimeout / kSettlePause) + 2;
    for (std::size_t i = 0; i < asked; ++i) script.push_back({"GETSTATUS", status(4)});
    open(script, traits);
    const auto result = target->erase(kSector);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::write_failed);
  }
}

// --- leaving ---

TEST_F(OperationTest, LeavesWithOneEmptyDownloadAndOneGetStatus) {
  open({{"DNLOAD 0"}, {"GETSTATUS", status(5)}});
  EXPECT_TRUE(target->leave());
}

TEST_F(OperationTest, LeavesFromUploadThroughIdle) {
  open({{"DNLOAD 0 2100000408"},
        {"GETSTATUS", status(4)},
        {"GETSTATUS", status(5)},
        {"ABORT"},
        {"UPLOAD 2 [8]", base::Bytes(8, 0)},
        {"ABORT"},
        {"DNLOAD 0"},
        {"GETSTATUS", status(5)}});
  ASSERT_TRUE(target->read({0x08040000, 0x08040008}, {}, never));
  EXPECT_TRUE(target->leave());
}

TEST_F(OperationTest, TakesADisappearanceWhileLeavingAsHavingLeft) {
  open({{"DNLOAD 0"}, {"GETSTATUS", {}, Errc::device_gone}});
  EXPECT_TRUE(target->leave());
}

TEST_F(OperationTest, AsksAgainWhenTheLeavesAnswerWasLost) {
  open({{"DNLOAD 0"}, {"GETSTATUS", {}, Errc::timeout}, {"GETSTATUS", status(8)}});
  EXPECT_TRUE(target->leave());
}

TEST_F(OperationTest, SendsTheLeaveAgainWhenItWasLost) {
  open({{"DNLOAD 0", {}, Errc::timeout},
        {"GETSTATE", {6}},
        {"ABORT"},
        {"GETSTATE", {2}},
        {"DNLOAD 0"},
        {"GETSTATUS", status(5)}});
  EXPECT_TRUE(target->leave());
}

TEST_F(OperationTest, SaysThatTheDeviceStays) {
  open({{"DNLOAD 0"}, {"GETSTATUS", status(2)}});
  const auto result = target->leave();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::protocol);
}

}  // namespace
}  // namespace dfu
