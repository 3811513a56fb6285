// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/requests.h"
#include "dfu/scripted_transport.h"

#include <gtest/gtest.h>

namespace dfu {
namespace {

using base::Errc;
using dfu_test::Exchange;
using dfu_test::ScriptedTransport;
using dfu_test::StepClock;

constexpr base::Millis kTimeout{1234};

struct RequestsTest : testing::Test {
  StepClock clock;
};

TEST_F(RequestsTest, DecodeEveryByteOfGetStatus) {
  ScriptedTransport transport(clock, {{"GETSTATUS", {0x03, 0x01, 0x02, 0x04, 0x0A, 0x07}}});
  const auto status = Requests(transport, 0).get_status(kTimeout);
  ASSERT_TRUE(status);
  EXPECT_EQ(
      *status,
      (Status{.status = 3, .poll = base::Millis(0x040201), .state = State::error, .string = 7}));
}

TEST_F(RequestsTest, RefuseAGetStatusThatIsCutOff) {
  ScriptedTransport transport(clock, {{"GETSTATUS", {0, 0, 0, 0, 5}}});
  const auto status = Requests(transport, 0).get_status(kTimeout);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::protocol);
}

TEST_F(RequestsTest, RefuseAGetStateWithoutAState) {
  ScriptedTransport transport(clock, {{"GETSTATE", {}}});
  const auto state = Requests(transport, 0).get_state(kTimeout);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::protocol);
}

TEST(MakeRequest, TakesNoDeviceAndKeepsTheData) {
  const base::Bytes data{1, 2, 3};
  const Request download = make_download(3, 7, data);
  EXPECT_EQ(download.setup.request_type, 0x21);
  EXPECT_EQ(download.setup.request, 1);
  EXPECT_EQ(download.setup.value, 7);
  EXPECT_EQ(download.setup.index, 3);
  EXPECT_EQ(download.data.data(), data.data());
  EXPECT_EQ(download.length, 3U);
  EXPECT_EQ(make_get_status(0).length, 6U);
  EXPECT_EQ(make_get_state(0).length, 1U);
  EXPECT_EQ(make_clear_status(0).setup.request, 4);
  EXPECT_EQ(make_abort(0).setup.request, 6);
}

TEST_F(RequestsTest, TellStallTimeoutAndAbsenceApart) {
  for (const Errc code : {Errc::usb_stall, Errc::timeout, Errc::device_gone, Errc::usb_io}) {
    ScriptedTransport transport(clock, {{"GETSTATUS", {}, code},
                                        {"GETSTATE", {}, code},
                                        {"UPLOAD 2 [16]", {}, code},
                                        {"DNLOAD 0 21", {}, code},
                                        {"ABORT", {}, code},
                                        {"CLRSTATUS", {}, code}});
    Requests requests(transport, 0);
    base::Bytes into(16);
    EXPECT_EQ(requests.get_status(kTimeout).error().code, code);
    EXPECT_EQ(requests.get_state(kTimeout).error().code, code);
    requests.begin_upload(2, into.size(), kTimeout);
    EXPECT_EQ(requests.end_upload(into).error().code, code);
    EXPECT_EQ(requests.download(0, base::Bytes{0x21}, kTimeout).error().code, code);
    EXPECT_EQ(requests.abort_transfer(kTimeout).error().code, code);
    EXPECT_EQ(requests.clear_status(kTimeout).error().code, code);
  }
}

TEST_F(RequestsTest, PassOnTheTimeoutOfTheCallerNotDfuUtils) {
  ScriptedTransport transport(clock, {{"GETSTATUS", dfu_test::status(2)}});
  ASSERT_TRUE(Requests(transport, 0).get_status(kTimeout));
  EXPECT_EQ(transport.timeout(0), kTimeout);
}

TEST_F(RequestsTest, CountTransfersThatFailAsWell) {
  ScriptedTransport transport(clock, {{"ABORT"}, {"GETSTATUS", {}, Errc::usb_stall}});
  Requests requests(transport, 0);
  ASSERT_TRUE(requests.abort_transfer(kTimeout));
  ASSERT_FALSE(requests.get_status(kTimeout));
  EXPECT_EQ(requests.transfers(), 2U);
}

TEST_F(RequestsTest, SendTheSetupBytesOfTheSpecification) {
  // The index of another interface shows that it is not a constant; the script checks the rest.
  struct Recorder final : usb::OneAtATimeTransport {
    std::vector<usb::ControlSetup> setups;
    base::Result<std::size_t> carry_in(const usb::ControlSetup& setup, std::span<std::uint8_t> in,
                                       base::Millis) override {
      setups.push_back(setup);
      return in.size();
    }
    base::Result<std::size_t> carry_out(const usb::ControlSetup& setup, base::ByteView out,
                                        base::Millis) override {
      setups.push_back(setup);
      return out.size();
    }
    base::Result<> claim_interface(std::uint8_t) override { return {}; }
    base::Result<> select_alt(std::uint8_t, std::uint8_t) override { return {}; }
    base::Result<base::Bytes> configuration() override { return base::Bytes{}; }
    base::Result<std::string> string(std::uint8_t) override { return std::string(); }
  } recorder;
  Requests requests(recorder, 3);
  base::Bytes bytes(64);
  ASSERT_TRUE(requests.download(0xFFFF, bytes, kTimeout));
  requests.begin_upload(0x0102, bytes.size(), kTimeout);
  ASSERT_TRUE(requests.end_upload(bytes));
  const auto& download = recorder.setups.at(0);
  EXPECT_EQ(download.request_type, 0x21);
  EXPECT_EQ(download.request, 1);
  EXPECT_EQ(download.value, 0xFFFF);
  EXPECT_EQ(download.index, 3);
  const auto& upload = recorder.setups.at(1);
  EXPECT_EQ(upload.request_type, 0xA1);
  EXPECT_EQ(upload.request, 2);
  EXPECT_EQ(upload.value, 0x0102);
  EXPECT_EQ(upload.index, 3);
}

TEST(StateName, IsTheSpecificationsOrANumber) {
  EXPECT_EQ(name(State::dnload_idle), "dfuDNLOAD-IDLE");
  EXPECT_EQ(name(State::lost), "state 15");
}

TEST(DescribeStatus, HasWordsForEveryNumber) {
  EXPECT_EQ(describe_status(3), "Device is unable to write memory");
  for (int code = 0; code < 256; ++code) {
    EXPECT_FALSE(describe_status(static_cast<std::uint8_t>(code)).empty()) << code;
  }
}

}  // namespace
}  // namespace dfu
