// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/vendor_requests.h"

#include "sim/firmware_bench.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace bench;
using namespace std::chrono_literals;
using Kind = ControlReply::Kind;

class Vendor : public ::testing::Test {
 protected:
  Bench bench;

  void run(std::uint16_t version, std::uint16_t bootloader) {
    put_release(bench.flash(), version, bootloader);
    bench.start();
    bench.configure();
    bench.advance(2s);
  }

  ControlReply in(std::uint8_t request, std::uint16_t index, std::uint16_t value = 0,
                  std::uint16_t length = 64) {
    return bench.control(0xC0, request, value, index, length);
  }
  ControlReply out(std::uint8_t request, std::uint16_t index) {
    return bench.control(0x40, request, 0, index, 0);
  }
  static std::string text(const ControlReply& reply) {
    return reply.kind == Kind::done ? base::as_text(reply.data) : "<refused>";
  }
  static std::string hex(const ControlReply& reply) {
    return reply.kind == Kind::done ? base::to_hex(reply.data) : "<refused>";
  }
};

TEST_F(Vendor, DoesNotExistUpTo055) {
  run(21, 6);
  EXPECT_EQ(in(0x50, 1).kind, Kind::stall);
  EXPECT_EQ(out(0x50, 3).kind, Kind::stall);
}

TEST_F(Vendor, HasItsOwnNumbersIn060) {
  run(102, 6);
  EXPECT_EQ(text(in(0x50, 0)), std::string("2b0036000a47333534393338") + '\0');
  EXPECT_EQ(hex(in(0x50, 0, 1)), "2b0036000a47333534393338");
  EXPECT_EQ(text(in(0x50, 1)), std::string("0.6.0") + '\0');
  EXPECT_EQ(in(0x50, 30).kind, Kind::stall);
  EXPECT_EQ(out(0x50, 4).kind, Kind::done);
  bench.advance(1s);
  EXPECT_EQ(bench.program->led().colour, "blue");
  EXPECT_EQ(out(0x50, 3).kind, Kind::gone);
  bench.advance(10ms);
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(bench.hardware.backup().dr1, 0xEDFA);
}

TEST_F(Vendor, HasNewNumbersSince061) {
  run(110, 11);
  EXPECT_EQ(text(in(0x50, 30)), std::string("0.6.4") + '\0' + '\0');
  EXPECT_EQ(in(0x50, 1).kind, Kind::stall);
  EXPECT_EQ(out(0x50, 60).kind, Kind::stall) << "safe mode: defined, not handled";
  EXPECT_EQ(in(0x50, 30, 0, 65).kind, Kind::stall);
  EXPECT_EQ(out(0x50, 50).kind, Kind::gone);
  bench.advance(10ms);
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(bench.hardware.backup().dr1, 0xEDFA);
}

TEST_F(Vendor, QueuesActionsIn070) {
  run(207, 101);
  EXPECT_EQ(out(0x50, 60).kind, Kind::done);
  EXPECT_FALSE(bench.was_reset());
  bench.advance(200ms);
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(bench.hardware.backup().dr1, 0x5AFE);
}

TEST_F(Vendor, KeepsThreeRawRequestsLater) {
  run(2302, 1004);
  EXPECT_EQ(text(in(0x50, 30)), "2.3.1");
  EXPECT_EQ(text(in(0x50, 20)), "2b0036000a47333534393338");
  EXPECT_EQ(out(0x50, 50).kind, Kind::stall);
  EXPECT_EQ(out(0x50, 40).kind, Kind::done);
  bench.advance(1100ms);
  EXPECT_TRUE(bench.was_reset());
}

TEST_F(Vendor, EntersDfuByAnAsynchronousRequest) {
  run(1512, 400);
  EXPECT_EQ(hex(in(1, 50)),
            "030000000000"
            "0100");
  EXPECT_EQ(hex(in(2, 1)), "010000000200") << "pending";
  bench.advance(10ms);
  EXPECT_EQ(hex(in(2, 1)),
            "090000000000"
            "00000000")
      << "done, result 0";
  EXPECT_EQ(hex(in(2, 1)), "010000000500") << "not found any more";
  bench.advance(1s);
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(bench.hardware.backup().dr1, 0xEDFA);
}

TEST_F(Vendor, ActsOnlyAfterTheResultWasFetched) {
  run(2302, 1004);
  in(1, 50);
  bench.advance(10s);
  EXPECT_FALSE(bench.was_reset()) << "nobody has asked how it went";
  in(2, 1);
  bench.advance(1100ms);
  EXPECT_TRUE(bench.was_reset());
}

TEST_F(Vendor, KeepsAPlaceForARequestUntilItsResultWasFetched) {
  run(2302, 1004);
  for (int i = 0; i < 4; ++i) in(1, 70);
  bench.advance(1s);
  EXPECT_EQ(hex(in(1, 70)), "010000000300") << "busy";
  in(2, 1);
  EXPECT_EQ(hex(in(1, 70)),
            "030000000000"
            "0500");
}

TEST_F(Vendor, DeliversAReplyOnce) {
  run(2302, 1004);
  EXPECT_EQ(hex(in(1, 72)),
            "030000000000"
            "0100");
  bench.advance(10ms);
  EXPECT_EQ(hex(in(2, 1)),
            "0d0000000000"
            "02000000"
            "00000000");
  EXPECT_EQ(hex(in(4, 1, 0, 2)), "0801");
  EXPECT_EQ(in(4, 1, 0, 2).kind, Kind::stall);
}

TEST_F(Vendor, ListensAndStops) {
  run(2302, 1004);
  in(1, 70);
  bench.advance(1s);
  EXPECT_EQ(bench.program->led().colour, "blue");
  in(1, 71);
  bench.advance(1s);
  EXPECT_EQ(bench.program->led().colour, "green");
}

TEST_F(Vendor, HoldsFourRequestsAtMost) {
  run(2302, 1004);
  for (int i = 0; i < 4; ++i) in(1, 30);
  EXPECT_EQ(hex(in(1, 30)), "010000000300") << "busy";
  EXPECT_EQ(hex(in(5, 0)), "010000000000") << "all cancelled";
  EXPECT_EQ(hex(in(1, 30)),
            "030000000000"
            "0500");
}

TEST_F(Vendor, SaysWhatItDoesNotSupport) {
  run(2302, 1004);
  in(1, 250);
  bench.advance(10ms);
  EXPECT_EQ(hex(in(2, 1)),
            "090000000000"
            "88ffffff");
}

TEST_F(Vendor, WaitsForThePayload) {
  run(2302, 1004);
  EXPECT_EQ(hex(in(1, 10, 4)),
            "030000000000"
            "0100");
  bench.advance(10ms);
  EXPECT_EQ(hex(in(2, 1)), "010000000200");
  EXPECT_EQ(bench.control(0x40, 3, 4, 1, 4, {1, 2, 3, 4}).kind, Kind::done);
  bench.advance(10ms);
  EXPECT_EQ(hex(in(2, 1)),
            "090000000000"
            "88ffffff");
}

TEST_F(Vendor, WantsAServiceReplyOf64Bytes) {
  run(2302, 1004);
  EXPECT_EQ(in(1, 50, 0, 16).kind, Kind::stall);
}

}  // namespace
}  // namespace sim
