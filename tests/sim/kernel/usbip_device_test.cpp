// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/usbip_device.h"

#include "platform/platform.h"
#include "sim/usbip_messages.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <utility>

namespace {

namespace wire = usbip_messages;
using base::Bytes;
using base::Micros;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::array<std::uint8_t, 8> kGetStatus{0xA1, 3, 0, 0, 0, 0, 6, 0};
constexpr std::array<std::uint8_t, 8> kDownload{0x21, 1, 2, 0, 0, 0, 4, 0};
constexpr std::array<std::uint8_t, 8> kFirstLook{0x80, 6, 0, 1, 0, 0, 64, 0};

// What the test wants of the device, and what the device saw.
struct Script {
  std::deque<sim::ControlReply> replies;
  std::vector<Bytes> received;  // data of OUT control transfers
  Bytes bulk_received;
  std::size_t bulk_room = 0;  // packets it will take
  Bytes to_send;
  int bus_resets = 0;
};

class ScriptedProgram final : public sim::Program {
 public:
  ScriptedProgram(sim::Hardware& hardware, Script& script) : script_(script) {
    hardware.pull_up(true);
  }
  sim::ControlReply control(const usb::ControlSetup&, std::uint16_t, base::ByteView out) override {
    script_.received.emplace_back(out.begin(), out.end());
    if (script_.replies.empty()) return {};
    auto reply = script_.replies.front();
    script_.replies.pop_front();
    return reply;
  }
  bool bulk_out(std::uint8_t, base::ByteView data) override {
    if (script_.bulk_room == 0) return false;
    --script_.bulk_room;
    script_.bulk_received.insert(script_.bulk_received.end(), data.begin(), data.end());
    return true;
  }
  Bytes bulk_in(std::uint8_t endpoint, std::size_t most) override {
    if (endpoint != 0x81) return {};
    const std::size_t size = std::min(most, script_.to_send.size());
    Bytes data(script_.to_send.begin(),
               script_.to_send.begin() + static_cast<std::ptrdiff_t>(size));
    script_.to_send.erase(script_.to_send.begin(),
                          script_.to_send.begin() + static_cast<std::ptrdiff_t>(size));
    return data;
  }
  void bus_reset() override { ++script_.bus_resets; }
  sim::Led led() const override { return {}; }

 private:
  Script& script_;
};

class UsbipDevice : public testing::Test {
 protected:
  UsbipDevice()
      : board_(platform::electron(), {},
               {.bootloader = [this](sim::Hardware& hardware,
                                     sim::ResetCause) -> std::unique_ptr<sim::Program> {
                  return std::make_unique<ScriptedProgram>(hardware, script_);
                },
                .firmware = {}},
               base::Instant{}),
        wire_(base::Instant{}) {
    wire_.add(board_);
    board_.power(true);
    wire_.advance_to(base::Instant{} + 1ms);
    device_.emplace(wire_, 0, sim::BusTiming{});
  }

  void send(const Bytes& message) {
    ASSERT_TRUE(device_->receive(message));
    device_->run();
  }
  void pass(Micros time) {
    const auto end = wire_.now() + time;
    for (auto next = device_->next_event(); next && *next <= end; next = device_->next_event()) {
      wire_.advance_to(*next);
      device_->run();
    }
    wire_.advance_to(end);
    device_->run();
  }
  // Every reply so far, with the data behind it.
  std::vector<std::pair<wire::Reply, Bytes>> replies(bool in = true) {
    const Bytes bytes = device_->take_output();
    std::vector<std::pair<wire::Reply, Bytes>> result;
    for (std::size_t at = 0; at + wire::kHeaderSize <= bytes.size();) {
      const auto reply = wire::reply(bytes, at);
      at += wire::kHeaderSize;
      Bytes data;
      if (in && reply.command == 3) {
        data.assign(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    bytes.begin() + static_cast<std::ptrdiff_t>(at + reply.transferred));
        at += reply.transferred;
      }
      result.emplace_back(reply, data);
    }
    return result;
  }

  Script script_;
  sim::Board board_;
  sim::Wire wire_;
  std::optional<sim::UsbipDevice> device_;
};

wire::Submit control_in(std::uint32_t sequence) {
  return {.sequence = sequence,
          .in = true,
          .endpoint = 0,
          .length = 6,
          .setup = kGetStatus,
          .data = {}};
}

TEST_F(UsbipDevice, AnswersAControlTransferWithTheBoardsData) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::done, .data = {0, 0, 0, 0, 2, 0}});
  send(wire::submit(control_in(5)));
  pass(10ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.command, 3U);
  EXPECT_EQ(got[0].first.sequence, 5U);
  EXPECT_EQ(got[0].first.status, 0);
  EXPECT_EQ(got[0].second, (Bytes{0, 0, 0, 0, 2, 0}));
}

TEST_F(UsbipDevice, HandsTheDataOfAnOutTransferToTheBoard) {
  send(wire::submit({.sequence = 1,
                     .in = false,
                     .endpoint = 0,
                     .length = 0,
                     .setup = kDownload,
                     .data = {1, 2, 3, 4}}));
  pass(10ms);
  ASSERT_EQ(script_.received.size(), 1U);
  EXPECT_EQ(script_.received[0], (Bytes{1, 2, 3, 4}));
  const auto got = replies(false);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.transferred, 4U);
}

TEST_F(UsbipDevice, HoldsTheAnswerBackUntilTheCpuIsDone) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::done, .data = Bytes(6), .busy = 1s});
  send(wire::submit(control_in(1)));
  pass(999ms);
  EXPECT_TRUE(replies().empty());
  pass(20ms);
  EXPECT_EQ(replies().size(), 1U);
}

TEST_F(UsbipDevice, StartsTheNextTransferOnlyWhenTheCpuIsDone) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::done, .data = Bytes(6), .busy = 1s});
  send(wire::submit(control_in(1)));
  send(wire::submit(control_in(2)));
  pass(500ms);
  EXPECT_EQ(script_.received.size(), 1U);
  pass(600ms);
  EXPECT_EQ(script_.received.size(), 2U);
  EXPECT_EQ(replies().size(), 2U);
}

TEST_F(UsbipDevice, ReportsAStallWithoutData) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::stall, .data = {}});
  send(wire::submit(control_in(1)));
  pass(10ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.status, -32);
  EXPECT_EQ(got[0].first.transferred, 0U);
}

TEST_F(UsbipDevice, ReportsAStalledStatusStageWithTheDataThatCameBefore) {
  script_.replies.push_back(
      {.kind = sim::ControlReply::Kind::stall_status, .data = {0, 0, 0, 0, 4, 0}});
  send(wire::submit(control_in(1)));
  pass(10ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.status, -32);
  EXPECT_EQ(got[0].second, (Bytes{0, 0, 0, 0, 4, 0}));
}

TEST_F(UsbipDevice, ReportsMoreDataThanAskedForAsOverflow) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::done, .data = Bytes(9, 0x11)});
  send(wire::submit(control_in(1)));
  pass(10ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.status, -75);
  EXPECT_EQ(got[0].first.transferred, 6U);
}

TEST_F(UsbipDevice, KeepsATransferThatIsNeverAnsweredUntilTheKernelGivesUp) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::never, .data = {}});
  send(wire::submit(control_in(1)));
  send(wire::submit(control_in(2)));
  pass(60s);
  EXPECT_TRUE(replies().empty());
  send(wire::unlink(3, 1));
  pass(10ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].first.command, 4U);
  EXPECT_EQ(got[0].first.status, -104);
  EXPECT_EQ(got[1].first.sequence, 2U) << "the next transfer goes on";
}

TEST_F(UsbipDevice, DropsTheAnswerOfATransferThatWasUnlinkedWhileTheCpuWorked) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::done, .data = Bytes(6), .busy = 1s});
  send(wire::submit(control_in(1)));
  pass(300ms);
  send(wire::unlink(2, 1));
  send(wire::submit(control_in(3)));
  pass(600ms);
  EXPECT_EQ(script_.received.size(), 1U) << "the work goes on although nobody waits for it";
  pass(200ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].first.command, 4U);
  EXPECT_EQ(got[1].first.sequence, 3U);
}

TEST_F(UsbipDevice, SaysThatAnUnlinkCameTooLate) {
  send(wire::submit(control_in(1)));
  pass(10ms);
  send(wire::unlink(2, 1));
  const auto got = replies();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[1].first.command, 4U);
  EXPECT_EQ(got[1].first.status, 0);
}

TEST_F(UsbipDevice, ReportsADeviceThatVanishesInTheMiddle) {
  script_.replies.push_back({.kind = sim::ControlReply::Kind::gone, .data = {}});
  send(wire::submit(control_in(1)));
  pass(10ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.status, -71);
}

TEST_F(UsbipDevice, KeepsABulkReadUntilDataCome) {
  send(wire::submit(
      {.sequence = 1, .in = true, .endpoint = 1, .length = 512, .setup = {}, .data = {}}));
  pass(1s);
  EXPECT_TRUE(replies().empty());
  script_.to_send = {'v', '\n'};
  device_->run();
  pass(1ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].second, (Bytes{'v', '\n'}));
}

TEST_F(UsbipDevice, CompletesABulkWriteOnlyWhenEveryPacketWasTaken) {
  script_.bulk_room = 2;
  send(wire::submit({.sequence = 1,
                     .in = false,
                     .endpoint = 1,
                     .length = 0,
                     .setup = {},
                     .data = Bytes(150, 0x33)}));
  pass(1s);
  EXPECT_EQ(script_.bulk_received.size(), 128U);
  EXPECT_TRUE(replies(false).empty());
  script_.bulk_room = 1;
  device_->run();
  pass(1ms);
  EXPECT_EQ(script_.bulk_received, Bytes(150, 0x33)) << "no packet twice";
  const auto got = replies(false);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.transferred, 150U);
}

TEST_F(UsbipDevice, LetsControlTransfersPassWhileABulkWriteIsRefused) {
  send(wire::submit(
      {.sequence = 1, .in = false, .endpoint = 1, .length = 0, .setup = {}, .data = {1}}));
  send(wire::submit(control_in(2)));
  pass(10ms);
  const auto got = replies();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].first.sequence, 2U);
}

TEST_F(UsbipDevice, TakesTheFirstLookAfterAPortResetForOne) {
  send(wire::submit(
      {.sequence = 1, .in = true, .endpoint = 0, .length = 64, .setup = kFirstLook, .data = {}}));
  pass(10ms);
  EXPECT_EQ(script_.bus_resets, 1);
  send(wire::submit(control_in(2)));
  pass(10ms);
  EXPECT_EQ(script_.bus_resets, 1);
}

}  // namespace
