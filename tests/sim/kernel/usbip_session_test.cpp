// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/usbip_session.h"

#include "release/release_set.h"
#include "sim/usbip_messages.h"
#include "sim/world/electron.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>

namespace {

namespace wire = usbip_messages;
using base::Bytes;

constexpr std::size_t kDeviceSize = 312;
constexpr std::size_t kAnswerSize = 8;

Bytes request(std::uint16_t code, const std::string& bus_id = {}) {
  Bytes bytes{
      0x01, 0x11, static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code), 0, 0,
      0,    0};
  if (code == 0x8003) {
    bytes.insert(bytes.end(), bus_id.begin(), bus_id.end());
    bytes.resize(kAnswerSize + 32);
  }
  return bytes;
}

// Two boards in DFU mode and a server's view of them.
class UsbipSessionTest : public testing::Test {
 protected:
  UsbipSessionTest() {
    sim::ElectronSpec spec;
    spec.mode = sim::ElectronSpec::Mode::dfu;
    spec.release = "0.6.4";
    world_ = std::move(*sim::SimWorld::make({spec, spec}, release::Library(),
                                            sim::VirtualHost::Enumeration::outside));
    pass(std::chrono::seconds(5));
  }
  void pass(base::Micros duration) { world_->wire().advance_to(world_->wire().now() + duration); }
  std::unique_ptr<sim::UsbipSession> session() {
    return std::make_unique<sim::UsbipSession>(world_->wire(), taken_, sim::BusTiming{});
  }
  Bytes ask(sim::UsbipSession& session, const Bytes& bytes) {
    EXPECT_TRUE(session.receive(bytes));
    EXPECT_TRUE(session.run());
    return session.take_output();
  }

  std::set<std::size_t> taken_;
  std::unique_ptr<sim::SimWorld> world_;
};

TEST_F(UsbipSessionTest, ListsTheBoardsWithWhatTheyAre) {
  const auto client = session();
  const Bytes answer = ask(*client, request(0x8005));
  ASSERT_GE(answer.size(), kAnswerSize + 4 + 2 * kDeviceSize);
  EXPECT_EQ(base::load_be32(answer, 0), 0x01110005u);
  EXPECT_EQ(base::load_be32(answer, 4), 0u);
  EXPECT_EQ(base::load_be32(answer, 8), 2u);
  const base::ByteView device = base::ByteView(answer).subspan(12, kDeviceSize);
  EXPECT_EQ(base::as_text(device.subspan(256, 4)), std::string("1-1\0", 4));
  EXPECT_EQ(base::load_be32(device, 296), 2u);           // full speed
  EXPECT_EQ(base::load_be32(device, 300), 0x2B04D00Au);  // vendor and product
  EXPECT_TRUE(client->over());
}

TEST_F(UsbipSessionTest, GivesABoardToOneClientOnly) {
  const auto first = session();
  const Bytes given = ask(*first, request(0x8003, "1-2"));
  ASSERT_EQ(given.size(), kAnswerSize + kDeviceSize);
  EXPECT_EQ(base::load_be32(given, 4), 0u);
  EXPECT_FALSE(first->over());
  const auto second = session();
  const Bytes refused = ask(*second, request(0x8003, "1-2"));
  ASSERT_EQ(refused.size(), kAnswerSize);
  EXPECT_EQ(base::load_be32(refused, 4), 1u);
  EXPECT_TRUE(second->over());
  const auto third = session();
  EXPECT_EQ(base::load_be32(ask(*third, request(0x8005)), 8), 1u);
}

TEST_F(UsbipSessionTest, TakesABoardBackWhenItsClientIsGone) {
  {
    const auto first = session();
    ask(*first, request(0x8003, "1-1"));
  }
  const auto second = session();
  EXPECT_EQ(base::load_be32(ask(*second, request(0x8003, "1-1")), 4), 0u);
}

TEST_F(UsbipSessionTest, CarriesTransfersOnceABoardIsGiven) {
  const auto client = session();
  // The first transfer may come together with the request.
  Bytes bytes = request(0x8003, "1-1");
  const Bytes transfer = wire::submit(
      {.sequence = 7, .in = true, .length = 18, .setup = {0x80, 6, 0, 1, 0, 0, 18, 0}, .data = {}});
  bytes.insert(bytes.end(), transfer.begin(), transfer.end());
  Bytes output = ask(*client, bytes);
  for (int i = 0; i < 100 && output.size() <= kAnswerSize + kDeviceSize; ++i) {
    pass(std::chrono::milliseconds(1));
    ASSERT_TRUE(client->run());
    const Bytes more = client->take_output();
    output.insert(output.end(), more.begin(), more.end());
  }
  ASSERT_EQ(output.size(), kAnswerSize + kDeviceSize + wire::kHeaderSize + 18);
  const wire::Reply reply = wire::reply(output, kAnswerSize + kDeviceSize);
  EXPECT_EQ(reply.sequence, 7u);
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(base::load_le16(output, kAnswerSize + kDeviceSize + wire::kHeaderSize + 8), 0x2B04);
}

TEST_F(UsbipSessionTest, EndsWhenTheBoardLeavesTheBus) {
  const auto client = session();
  ask(*client, request(0x8003, "1-1"));
  world_->board(0).plug(false);
  ASSERT_TRUE(client->run());
  EXPECT_TRUE(client->over());
  const auto next = session();
  EXPECT_EQ(base::load_be32(ask(*next, request(0x8003, "1-1")), 4), 1u);
}

TEST_F(UsbipSessionTest, RefusesWhatIsNoUsbIp) {
  EXPECT_FALSE(session()->receive(Bytes{'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}));
  EXPECT_FALSE(session()->receive(request(0x8001)));
  const auto flood = session();
  ASSERT_TRUE(flood->receive(Bytes{0x01, 0x11, 0x80, 0x03}));
  EXPECT_FALSE(flood->receive(Bytes(100 * 1024, 0)));
  EXPECT_TRUE(session()->receive(Bytes{0x01}));  // the rest may still come
}

}  // namespace
