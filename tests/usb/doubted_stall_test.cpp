// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/doubted_stall.h"

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

class DoubtedStallsTest : public testing::Test {
 protected:
  DoubtedStalls device() {
    auto fake = std::make_unique<FakeTransport>(
        [this](const ControlSetup&, std::size_t length) -> base::Result<Bytes> {
          if (fails) return base::make_error(*fails, "as told");
          return Bytes(length, 7);
        });
    return {std::move(fake), [this] {
              ++looks;
              return there;
            }};
  }
  std::optional<Errc> fails;
  bool there = true;
  int looks = 0;
};

TEST_F(DoubtedStallsTest, ARefusalOfADeviceThatIsThereIsARefusal) {
  fails = Errc::usb_stall;
  auto tested = device();
  EXPECT_EQ(tested.control_out(kOut, Bytes{1}, kTimeout).error().code, Errc::usb_stall);
  EXPECT_EQ(looks, 1);
}

TEST_F(DoubtedStallsTest, ARefusalOfADeviceThatIsGoneMeansThatItIsGone) {
  fails = Errc::usb_stall;
  there = false;
  auto tested = device();
  Bytes into(6);
  EXPECT_EQ(tested.control_in(kIn, into, kTimeout).error().code, Errc::device_gone);
  EXPECT_EQ(tested.select_alt(0, 9).error().code, Errc::device_gone);
}

TEST_F(DoubtedStallsTest, LooksOnlyAfterARefusal) {
  there = false;
  auto tested = device();
  Bytes into(6);
  EXPECT_EQ(tested.control_in(kIn, into, kTimeout).value(), 6U);
  EXPECT_EQ(into, Bytes(6, 7));
  fails = Errc::timeout;
  EXPECT_EQ(tested.control_in(kIn, into, kTimeout).error().code, Errc::timeout);
  EXPECT_EQ(looks, 0);
}

TEST_F(DoubtedStallsTest, CarriesOutOneTransferAtATime) { EXPECT_EQ(device().queue().depth(), 1U); }

}  // namespace
}  // namespace usb
