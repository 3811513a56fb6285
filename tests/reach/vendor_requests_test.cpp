// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/vendor_requests.h"

#include "job/virtual_bench.h"
#include "serial/console.h"
#include "usb/one_at_a_time.h"

#include <gtest/gtest.h>

#include <deque>

namespace job::test {
namespace {

using reach::vendor_release;
using reach::vendor_request;
using reach::VendorRequest;

using base::Errc;
using platform::VendorScheme;

constexpr std::uint32_t kSmall = 2000;

struct Running {
  const char* release;
  const char* bootloader;
  bool only_listening = false;  // takes none of them while it searches for a network
};

std::ostream& operator<<(std::ostream& out, const Running& running) {
  return out << running.release;
}

std::string test_name(const testing::TestParamInfo<Running>& instance) {
  std::string name = instance.param.release;
  std::ranges::replace(name, '.', '_');
  return name;
}

class VendorRequests : public testing::TestWithParam<Running> {
 protected:
  VendorRequests() : bench_(GetParam().bootloader) {
    bench_.install(GetParam().release, kSmall);
    bench_.power_on();
    device_ = *bench_.find();
  }
  void listen() {
    auto port = bench_.world().serial.open(device_.serial_path);
    ASSERT_TRUE(port);
    ASSERT_TRUE((*port)->set_baud(28800));
    ASSERT_TRUE((*port)->set_baud(9600));
    bench_.pass(seconds(1));
  }
  base::Result<> ask(VendorRequest request) {
    if (GetParam().only_listening) {
      const auto searching = ask_now(request);
      EXPECT_EQ(searching.error().code, Errc::timeout);
      listen();
    }
    return ask_now(request);
  }
  base::Result<> ask_now(VendorRequest request) {
    TRY_ASSIGN(auto transport, bench_.world().usb.open(device_.info));
    TRY_ASSIGN(const std::string release, vendor_release(*transport));
    EXPECT_EQ(release, GetParam().release);
    return vendor_request(*transport, bench_.world().clock,
                          platform::generation_of(release)->vendor, request);
  }
  VirtualBench bench_;
  discovery::Device device_;
};

TEST_P(VendorRequests, TellTheReleaseAndReachDfuMode) {
  const auto asked = ask(VendorRequest::dfu);
  ASSERT_TRUE(asked) << asked.error().message;
  const auto there = discovery::wait_for(bench_.world(), electron(), device_.port(),
                                         discovery::Want::dfu, seconds(5), bench_.cancel());
  EXPECT_TRUE(there) << there.error().message;
}

TEST_P(VendorRequests, ReachListeningMode) {
  const auto asked = ask(VendorRequest::listening);
  ASSERT_TRUE(asked) << asked.error().message;
  bench_.pass(seconds(1));
  auto port = bench_.world().serial.open(device_.serial_path);
  ASSERT_TRUE(port);
  serial::Console console(**port, bench_.world().clock, bench_.cancel());
  EXPECT_EQ(*console.ask_version(seconds(4)), GetParam().release);
}

TEST_P(VendorRequests, RestartTheDevice) {
  const auto asked = ask(VendorRequest::reset);
  ASSERT_TRUE(asked) << asked.error().message;
  const auto back =
      discovery::wait_for_return(bench_.world(), electron(), device_.info, discovery::Want::serial,
                                 seconds(10), bench_.cancel());
  EXPECT_TRUE(back) << back.error().message;
}

INSTANTIATE_TEST_SUITE_P(Releases, VendorRequests,
                         testing::Values(Running{"0.6.0", "6"}, Running{"0.6.4", "11"},
                                         Running{"0.7.0", "101"}, Running{"1.0.1", "201", true},
                                         Running{"1.5.2", "400"}, Running{"2.3.1", "1004"}),
                         test_name);

TEST(VendorRelease, NothingAnswersBefore060) {
  VirtualBench bench("6");
  bench.install("0.5.3", kSmall);
  bench.power_on();
  auto transport = bench.world().usb.open(bench.find()->info);
  ASSERT_TRUE(transport);
  EXPECT_EQ(vendor_release(**transport).error().code, Errc::unsupported);
}

// Answers IN requests from a list; an empty answer is a STALL.
class ScriptedTransport final : public usb::OneAtATimeTransport {
 public:
  base::Result<std::size_t> carry_in(const usb::ControlSetup& setup, std::span<std::uint8_t> into,
                                     base::Millis) override {
    requests.push_back(setup);
    if (requests.size() > gone_after) return base::make_error(Errc::device_gone, "gone");
    if (answers.empty()) return base::make_error(Errc::timeout, "silent");
    const base::Bytes answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    if (answer.empty()) return base::make_error(Errc::usb_stall, "stalled");
    std::copy(answer.begin(), answer.end(), into.begin());
    return answer.size();
  }
  base::Result<std::size_t> carry_out(const usb::ControlSetup& setup, base::ByteView,
                                      base::Millis) override {
    requests.push_back(setup);
    if (out_error != Errc::internal) return base::make_error(out_error, "failed");
    return 0;
  }
  base::Result<> claim_interface(std::uint8_t) override { return {}; }
  base::Result<> select_alt(std::uint8_t, std::uint8_t) override { return {}; }
  base::Result<base::Bytes> configuration() override { return base::Bytes(); }
  base::Result<std::string> string(std::uint8_t) override { return std::string(); }

  std::deque<base::Bytes> answers;
  std::vector<usb::ControlSetup> requests;
  Errc out_error = Errc::internal;
  std::size_t gone_after = SIZE_MAX;
};

class StillClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override { now_ += duration; }

 private:
  base::Instant now_{};
};

class Protocol : public testing::Test {
 protected:
  base::Result<> ask(VendorScheme scheme) {
    return vendor_request(transport_, clock_, scheme, VendorRequest::dfu);
  }
  ScriptedTransport transport_;
  StillClock clock_;
};

const base::Bytes kPending{3, 0, 0, 0, 2, 0, 7, 0};
const base::Bytes kKept{3, 0, 0, 0, 0, 0, 7, 0};
const base::Bytes kOk{1, 0, 0, 0, 0, 0};
const base::Bytes kOkWithError{9, 0, 0, 0, 0, 0, 0x88, 0xFF, 0xFF, 0xFF};
const base::Bytes kBusy{1, 0, 0, 0, 3, 0};

TEST_F(Protocol, UsesTheNumbersOfEachRelease) {
  ASSERT_TRUE(ask(VendorScheme::numbers_1));
  ASSERT_TRUE(ask(VendorScheme::numbers_10));
  ASSERT_EQ(transport_.requests.size(), 2U);
  EXPECT_EQ(transport_.requests[0].request_type, 0x40);
  EXPECT_EQ(transport_.requests[0].request, 0x50);
  EXPECT_EQ(transport_.requests[0].index, 3);
  EXPECT_EQ(transport_.requests[1].index, 50);
}

TEST_F(Protocol, ADeviceThatVanishesHasObeyed) {
  transport_.out_error = Errc::device_gone;
  EXPECT_TRUE(ask(VendorScheme::numbers_10));
}

TEST_F(Protocol, AStallIsNoObedience) {
  transport_.out_error = Errc::usb_stall;
  EXPECT_EQ(ask(VendorScheme::numbers_10).error().code, Errc::unsupported);
}

TEST_F(Protocol, ChecksUntilTheRequestIsDone) {
  transport_.answers = {kKept, kPending, kPending, kOk};
  ASSERT_TRUE(ask(VendorScheme::asynchronous));
  ASSERT_EQ(transport_.requests.size(), 4U);
  EXPECT_EQ(transport_.requests[0].request, 1);
  EXPECT_EQ(transport_.requests[0].index, 50);
  EXPECT_EQ(transport_.requests[3].request, 2);
  EXPECT_EQ(transport_.requests[3].index, 7) << "the id that the device gave";
}

TEST_F(Protocol, ChecksARequestThatWasTakenAtOnce) {
  transport_.answers = {kKept, kOk};
  ASSERT_TRUE(ask(VendorScheme::asynchronous));
  ASSERT_EQ(transport_.requests.size(), 2U) << "the device acts only after the question";
  EXPECT_EQ(transport_.requests[1].request, 2);
  EXPECT_EQ(transport_.requests[1].index, 7);
}

TEST_F(Protocol, ADeviceThatVanishesWhenCheckedHasObeyed) {
  transport_.answers = {kKept};
  transport_.gone_after = 1;
  EXPECT_TRUE(ask(VendorScheme::asynchronous));
}

TEST_F(Protocol, WaitsForABusyDevice) {
  transport_.answers = {kBusy, kBusy, kKept, kOk};
  EXPECT_TRUE(ask(VendorScheme::asynchronous));
}

TEST_F(Protocol, ReportsARefusal) {
  transport_.answers = {kKept, kOkWithError};
  EXPECT_EQ(ask(VendorScheme::asynchronous).error().code, Errc::unsupported);
}

TEST_F(Protocol, NeverWaitsForEverAndGivesItsPlaceUp) {
  transport_.answers = {kPending};
  EXPECT_EQ(ask(VendorScheme::asynchronous).error().code, Errc::timeout);
  EXPECT_EQ(transport_.requests.back().request, 5);
  EXPECT_EQ(transport_.requests.back().index, 7);
}

TEST_F(Protocol, AnAnswerThatIsCutShortMakesNoSense) {
  for (std::size_t length = 1; length < kPending.size(); ++length) {
    transport_.answers = {
        base::Bytes(kPending.begin(), kPending.begin() + static_cast<std::ptrdiff_t>(length))};
    EXPECT_EQ(ask(VendorScheme::asynchronous).error().code, Errc::protocol) << length;
  }
}

}  // namespace
}  // namespace job::test
