// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/fake_transport.h"

#include <gtest/gtest.h>

namespace usb {
namespace {

using base::Bytes;
using base::Errc;
using usb_test::FakeTransport;

constexpr base::Millis kTimeout{100};
constexpr ControlSetup kIn{.request_type = 0xA1, .request = 3};
constexpr ControlSetup kOut{.request_type = 0x21, .request = 1};

TEST(OneAtATimeTransport, CarriesATransferOutWhenItsTurnToFinishHasCome) {
  FakeTransport device([](const ControlSetup&, std::size_t length) { return Bytes(length, 7); });
  ControlQueue& queue = device.queue();
  EXPECT_EQ(queue.depth(), 1U);
  queue.start_out(kOut, Bytes{1, 2, 3}, kTimeout);
  queue.start_in(kIn, 6, kTimeout);
  EXPECT_TRUE(device.requests().empty());
  EXPECT_EQ(queue.finish({}).value(), 3U);
  EXPECT_EQ(device.requests().size(), 1U);
  Bytes few(4);
  EXPECT_EQ(queue.finish(few).value(), 6U);
  EXPECT_EQ(few, Bytes(4, 7));
  EXPECT_EQ(queue.pending(), 0U);
}

TEST(OneAtATimeTransport, CarriesNothingOutBehindATransferWithoutAnAnswer) {
  Errc error = Errc::timeout;
  FakeTransport device([&](const ControlSetup&, std::size_t) -> base::Result<Bytes> {
    return base::make_error(error, "as told");
  });
  ControlQueue& queue = device.queue();
  for (int i = 0; i < 3; ++i) queue.start_in(kIn, 6, kTimeout);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.finish({}).error().code, Errc::timeout);
  EXPECT_EQ(device.requests().size(), 1U);
  // A refusal holds nothing back, and what is started afterwards is carried out again.
  error = Errc::usb_stall;
  for (int i = 0; i < 2; ++i) queue.start_in(kIn, 6, kTimeout);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(queue.finish({}).error().code, Errc::usb_stall);
  EXPECT_EQ(device.requests().size(), 3U);
}

}  // namespace
}  // namespace usb
