// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/trace.h"

#include "usb/fake_transport.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace usb {
namespace {

using base::Bytes;
using base::Errc;
using usb_test::FakeTransport;

constexpr TraceAreas kAreas{.flash = {0x08000000, 0x08100000}, .secret = {0x08004000, 0x0800C000}};
constexpr base::Millis kTimeout{1000};
constexpr ControlSetup kGetStatus{.request_type = 0xA1, .request = 3};

class FrozenClock final : public base::Clock {
 public:
  base::Instant now() const override { return base::Instant(base::Micros(1'500'000)); }
  void sleep(base::Micros, const base::CancelToken&) override {}
};

ControlSetup download(std::uint16_t block) {
  return {.request_type = 0x21, .request = 1, .value = block};
}
ControlSetup upload(std::uint16_t block) {
  return {.request_type = 0xA1, .request = 2, .value = block};
}

struct TraceTest : testing::Test {
  // The device holds one byte everywhere and is always busy with the last command.
  void SetUp() override {
    auto fake = std::make_unique<FakeTransport>(
        [this](const ControlSetup& setup, std::size_t length) -> base::Result<Bytes> {
          if (error) return base::make_error(*error, "as told");
          if (setup.request == kGetStatus.request) return Bytes{0, 0, 0, 0, state, 0};
          return Bytes(length, 0x77);
        });
    trace.emplace(std::move(fake), "usb:1-2", clock, kAreas,
                  [this](std::string_view line) { lines.push_back(nlohmann::json::parse(line)); });
  }

  void command(std::uint8_t code, std::uint32_t address) {
    Bytes bytes{code, 0, 0, 0, 0};
    base::store_le32(bytes, 1, address);
    ASSERT_TRUE(trace->control_out(download(0), bytes, kTimeout));
  }
  void get_status() {
    Bytes into(6);
    const auto moved = trace->control_in(kGetStatus, into, kTimeout);
    ASSERT_EQ(moved.has_value(), !error);
  }
  void set_address(std::uint32_t address) {
    command(0x21, address);
    get_status();
  }
  // What the trace shows of an upload.
  std::string shown(std::uint16_t block, std::size_t length = 4096) {
    Bytes into(length);
    EXPECT_TRUE(trace->control_in(upload(block), into, kTimeout));
    return lines.back()["data"];
  }

  FrozenClock clock;
  std::uint8_t state = 4;
  std::optional<Errc> error;
  std::vector<nlohmann::json> lines;
  std::optional<TraceTransport> trace;
};

const std::string kSeventySevens(32, '7');

TEST_F(TraceTest, WritesSetupLengthDataAndResultOfEachTransfer) {
  get_status();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["device"], "usb:1-2");
  EXPECT_EQ(lines[0]["kind"], "control-in");
  EXPECT_EQ(lines[0]["setup"], "a103000000000600");
  EXPECT_EQ(lines[0]["length"], 6);
  EXPECT_EQ(lines[0]["moved"], 6);
  EXPECT_EQ(lines[0]["data"], "000000000400");
  EXPECT_EQ(lines[0]["result"], "ok");
  EXPECT_EQ(lines[0]["seconds"], 0);
  EXPECT_EQ(lines[0]["at"], 0);
}

TEST_F(TraceTest, NamesTheErrorOfATransferAndPassesItOn) {
  error = Errc::usb_stall;
  Bytes into(6);
  EXPECT_EQ(trace->control_in(kGetStatus, into, kTimeout).error().code, Errc::usb_stall);
  EXPECT_EQ(lines[0]["result"], "usb-stall");
  EXPECT_EQ(lines[0]["moved"], 0);
  EXPECT_FALSE(lines[0].contains("data"));
}

TEST_F(TraceTest, WritesTheOtherCallsAsWell) {
  ASSERT_TRUE(trace->claim_interface(0));
  ASSERT_TRUE(trace->select_alt(0, 1));
  ASSERT_FALSE(trace->select_alt(0, 2));
  ASSERT_TRUE(trace->configuration());
  ASSERT_TRUE(trace->string(6));
  EXPECT_EQ(lines[0]["kind"], "claim-interface");
  EXPECT_EQ(lines[0]["interface"], 0);
  EXPECT_EQ(lines[1]["kind"], "select-alt");
  EXPECT_EQ(lines[1]["alt"], 1);
  EXPECT_EQ(lines[2]["result"], "usb-stall");
  EXPECT_EQ(lines[3]["data"], "09020900");
  EXPECT_EQ(lines[4]["index"], 6);
  EXPECT_EQ(lines[4]["text"], "a name");
}

TEST_F(TraceTest, ShowsTheFirstBytesOfModules) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08020000);
  EXPECT_EQ(shown(2), kSeventySevens);
  EXPECT_EQ(shown(225), kSeventySevens);  // 0x080FF000, the last one
  ASSERT_TRUE(trace->control_out(download(2), Bytes(4096, 0x33), kTimeout));
  EXPECT_EQ(lines.back()["data"], std::string(32, '3'));
}

TEST_F(TraceTest, NeverShowsTheConfigurationArea) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08000000);
  EXPECT_EQ(shown(2), kSeventySevens);
  EXPECT_EQ(shown(5), kSeventySevens);  // 0x08003000, just before
  for (std::uint16_t block = 6; block < 14; ++block) EXPECT_EQ(shown(block), "redacted");
  EXPECT_EQ(shown(14), kSeventySevens);  // 0x0800C000, just behind
  EXPECT_EQ(shown(5, 4097), "redacted");
  set_address(0x08004000);
  ASSERT_TRUE(trace->control_out(download(2), Bytes(64, 0x33), kTimeout));
  EXPECT_EQ(lines.back()["data"], "redacted");
}

TEST_F(TraceTest, NeverShowsAnythingOfAnotherAlternateSetting) {
  ASSERT_TRUE(trace->select_alt(0, 1));
  set_address(0);
  EXPECT_EQ(shown(2), "redacted");
  set_address(0x08020000);
  EXPECT_EQ(shown(2), "redacted");
}

TEST_F(TraceTest, NeverShowsWhatLiesOutsideOfFlash) {
  // Some bootloaders answer with their buffer, which holds what was read or written last.
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x09000000);
  EXPECT_EQ(shown(2), "redacted");
  set_address(0x080FF000);
  EXPECT_EQ(shown(2, 4097), "redacted");
  set_address(0xFFFFF000);
  EXPECT_EQ(shown(3), "redacted");
}

TEST_F(TraceTest, ShowsNothingBeforeTheAlternateSettingAndTheAddressAreKnown) {
  set_address(0x08020000);
  EXPECT_EQ(shown(2), "redacted");
}

TEST_F(TraceTest, ShowsNothingWithoutAnAddress) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  EXPECT_EQ(shown(2), "redacted");
}

TEST_F(TraceTest, ShowsNothingWhileItIsUnknownWhetherAnAddressWasTaken) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08004000);
  command(0x21, 0x08020000);
  EXPECT_EQ(shown(2), "redacted");  // no GETSTATUS has run it
  error = Errc::timeout;
  get_status();
  error.reset();
  EXPECT_EQ(shown(2), "redacted");
  state = 5;  // the device has dropped it
  get_status();
  EXPECT_EQ(shown(2), "redacted");
  state = 4;
  set_address(0x08020000);
  EXPECT_EQ(shown(2), kSeventySevens);
}

TEST_F(TraceTest, FollowsTheAddressThatAnEraseSets) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08004000);
  command(0x41, 0x08020000);
  get_status();
  EXPECT_EQ(shown(2), kSeventySevens);
}

TEST_F(TraceTest, ForgetsTheAlternateSettingWithTheConfiguration) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08020000);
  ASSERT_TRUE(trace->control_out({.request_type = 0x00, .request = 9, .value = 1}, {}, kTimeout));
  EXPECT_EQ(shown(2), "redacted");
}

TEST_F(TraceTest, FollowsASetInterfaceThatIsSentByHand) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08020000);
  ASSERT_TRUE(trace->control_out({.request_type = 0x01, .request = 11, .value = 1}, {}, kTimeout));
  EXPECT_EQ(shown(2), "redacted");
}

TEST_F(TraceTest, ShowsNoVendorRequests) {
  Bytes into(64);
  ASSERT_TRUE(trace->control_in({.request_type = 0xC0, .request = 0x50}, into, kTimeout));
  EXPECT_EQ(lines.back()["data"], "redacted");
}

TEST_F(TraceTest, WritesQueuedTransfersDownInTheirOrderWithTheirAnswers) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08040000);
  lines.clear();
  ControlQueue& queue = trace->queue();
  queue.start_out(download(2), Bytes{1, 2, 3, 4}, kTimeout);
  queue.start_in(kGetStatus, 6, kTimeout);
  queue.start_in(upload(3), 16, kTimeout);
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(queue.pending(), 3U);
  Bytes answer(6);
  EXPECT_TRUE(queue.finish({}));
  EXPECT_TRUE(queue.finish(answer));
  EXPECT_EQ(answer[4], state);
  Bytes data(16);
  EXPECT_TRUE(queue.finish(data));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["kind"], "control-out");
  EXPECT_EQ(lines[0]["data"], "01020304");
  EXPECT_EQ(lines[1]["data"], "000000000400");
  EXPECT_EQ(lines[2]["data"], std::string(32, '7'));
}

TEST_F(TraceTest, ShowsNoQueuedDataOfTheSecretArea) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08004000);
  ControlQueue& queue = trace->queue();
  queue.start_in(upload(2), 16, kTimeout);
  Bytes data(16);
  EXPECT_TRUE(queue.finish(data));
  EXPECT_EQ(lines.back()["data"], "redacted");
}

TEST_F(TraceTest, NeverContainsASecretInAnyForm) {
  ASSERT_TRUE(trace->select_alt(0, 0));
  set_address(0x08004000);
  for (std::uint16_t block = 0; block < 10; ++block) {
    Bytes into(4096);
    ASSERT_TRUE(trace->control_in(upload(block), into, kTimeout));
  }
  for (const auto& line : lines) EXPECT_EQ(line.dump().find("7777"), std::string::npos) << line;
}

TEST(TraceHost, TracesTheDevicesThatItOpens) {
  struct OneDevice final : Host {
    base::Result<std::vector<DeviceInfo>> list(std::uint16_t) override {
      DeviceInfo info;
      info.port = {.bus = 3, .ports = {1}};
      return std::vector<DeviceInfo>{info};
    }
    base::Result<std::unique_ptr<Transport>> open(const DeviceInfo&) override {
      return std::unique_ptr<Transport>(std::make_unique<FakeTransport>(
          [](const ControlSetup&, std::size_t length) { return Bytes(length, 1); }));
    }
    void wait_for_change(base::Millis, const base::CancelToken&) override { ++waits; }
    int waits = 0;
  } inner;
  const FrozenClock clock;
  std::vector<std::string> lines;
  TraceHost host(inner, clock, kAreas, [&](std::string_view line) { lines.emplace_back(line); });
  const auto devices = host.list(0x2B04);
  ASSERT_TRUE(devices);
  auto opened = host.open(devices->at(0));
  ASSERT_TRUE(opened);
  ASSERT_TRUE((*opened)->claim_interface(0));
  host.wait_for_change(base::Millis(1), base::CancelToken());
  EXPECT_EQ(inner.waits, 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("usb:3-1"), std::string::npos);
}

}  // namespace
}  // namespace usb
