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

  // The same, told to listen.
  void run_listening(std::uint16_t version, std::uint16_t bootloader) {
    run(version, bootloader);
    bench.set_rate(28800);
    bench.advance(1s);
    ASSERT_EQ(bench.program->led().colour, "blue");
  }
  // What the device says of a request: pending, its result, or whether it is known at all.
  std::string ask(std::uint16_t type, base::Micros wait) {
    const ControlReply begun = in(1, type);
    if (begun.data.size() < 8) return hex(begun);
    last_id_ = base::load_le16(begun.data, 6);
    bench.advance(wait);
    return hex(in(2, last_id_));
  }
  // The answer to a question, which comes at once.
  base::Bytes answer(std::uint16_t type) {
    const base::Bytes checked = base::from_hex(ask(type, 10ms));
    if (checked.size() != 14) return {};
    const auto size = static_cast<std::uint16_t>(base::load_le32(checked, 6));
    return in(4, last_id_, 0, size).data;
  }
  std::uint16_t last_id_ = 0;

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

const char* const kPending = "010000000200";
const char* const kDone = "09000000000000000000";
const char* const kNotSupported = "09000000000088ffffff";
const char* const kNoMemory = "010000000400";

TEST_F(Vendor, EntersDfuByAnAsynchronousRequest) {
  run(1512, 400);
  EXPECT_EQ(hex(in(1, 50)),
            "030000000000"
            "0100");
  EXPECT_EQ(hex(in(2, 1)), kPending);
  bench.advance(700ms);
  EXPECT_EQ(hex(in(2, 1)), kDone);
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

// What 2.3.1 answers and forgets, 1.5.2 leaves unanswered; 1.0.1 takes nothing at all.
TEST_F(Vendor, LosesWhatComesInItsFirstSecondAndAHalf) {
  const auto just_started = [this](std::uint16_t version, std::uint16_t bootloader) {
    put_release(bench.flash(), version, bootloader);
    bench.start();
    bench.configure();
    bench.advance(500ms);
  };
  just_started(2302, 1004);
  EXPECT_EQ(ask(50, 700ms), kDone);
  bench.advance(12s);
  EXPECT_FALSE(bench.was_reset());
  just_started(1512, 400);
  EXPECT_EQ(ask(50, 20s), kPending);
  EXPECT_FALSE(bench.was_reset());
}

TEST_F(Vendor, LeavesQuestionsUnansweredUntilItListens) {
  for (const std::uint16_t version : std::initializer_list<std::uint16_t>{1002, 1512, 2302}) {
    run(version, wanted_bootloader(version));
    for (const std::uint16_t type : std::initializer_list<std::uint16_t>{20, 30, 90}) {
      EXPECT_EQ(ask(type, 9s), kPending) << version << ": " << type;
    }
  }
}

TEST_F(Vendor, TakesNothingIn101UntilItListens) {
  run(1002, 201);
  EXPECT_EQ(ask(50, 9s), kPending);
  bench.set_rate(28800);
  bench.advance(1s);
  EXPECT_EQ(ask(50, 10ms), kDone);
  bench.advance(1s);
  EXPECT_TRUE(bench.was_reset());
  EXPECT_EQ(bench.hardware.backup().dr1, 0xEDFA);
}

TEST_F(Vendor, KeepsTheMemoryOfRequestsThatAreGivenUpUnanswered) {
  run(2302, 1004);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(ask(30, 1s), kPending);
    in(5, last_id_);
  }
  EXPECT_EQ(hex(in(1, 70)), kNoMemory);
  run(1512, 400);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask(30, 1s), kPending);
    in(5, last_id_);
  }
  EXPECT_EQ(hex(in(1, 50)), kNoMemory);
  bench.start();
  bench.configure();
  EXPECT_EQ(hex(in(1, 50)).substr(0, 12), "030000000000") << "until the next start";
}

TEST_F(Vendor, KeepsAPlaceForARequestUntilItsResultWasFetched) {
  run_listening(2302, 1004);
  for (int i = 0; i < 4; ++i) in(1, 70);
  bench.advance(1s);
  EXPECT_EQ(hex(in(1, 70)), "010000000300") << "busy";
  in(2, 1);
  EXPECT_EQ(hex(in(1, 70)),
            "030000000000"
            "0500");
}

TEST_F(Vendor, DeliversAReplyOnceAndToWhoAsksForAllOfIt) {
  run_listening(2302, 1004);
  EXPECT_EQ(ask(72, 10ms),
            "0d0000000000"
            "02000000"
            "00000000");
  EXPECT_EQ(in(4, last_id_, 0, 64).kind, Kind::stall);
  EXPECT_EQ(hex(in(4, last_id_, 0, 2)), "0801") << "it listens";
  EXPECT_EQ(in(4, last_id_, 0, 2).kind, Kind::stall);
}

TEST_F(Vendor, AnswersInMessagesSince110) {
  for (const std::uint16_t version : std::initializer_list<std::uint16_t>{1102, 1213, 2302}) {
    run_listening(version, wanted_bootloader(version));
    EXPECT_EQ(base::as_text(answer(20)),
              "\n\x18"
              "2b0036000a47333534393338")
        << version;
    const base::Bytes release = answer(30);
    ASSERT_GT(release.size(), 2U);
    EXPECT_EQ(base::as_text(release).substr(2), bench.ask("v", 10ms).substr(25, release[1]));
    EXPECT_EQ(base::to_hex(answer(72)), "0801") << version;
    EXPECT_EQ(base::as_text(answer(100)).substr(0, 7), "{\"sys\":");
  }
}

TEST_F(Vendor, AnswersTheModuleListAsTextUpTo101) {
  run_listening(1002, 201);
  EXPECT_EQ(base::as_text(answer(90)).substr(0, 8), "{\"p\":10,");
  EXPECT_EQ(ask(30, 10ms), kNotSupported);
  EXPECT_EQ(ask(72, 10ms), kNotSupported);
}

// The released 2.3.1 with an application of 0.6.4's answers 101 bytes.
TEST_F(Vendor, AnswersTheModuleListInTheSizeOfTheReleasedOne) {
  put_release(bench.flash(), 2302, 1004);
  const auto load = [&](ModuleId id, firmware::Dependency first, firmware::Dependency second) {
    put(bench.flash(), id, module(id, 2302, first, second, 20000));
  };
  load(kSystemPart1, {kSystemPart3, 2302}, {});
  load(kSystemPart2, {kSystemPart1, 2302}, {kBootloader, 1003});
  load(kSystemPart3, {kSystemPart2, 110}, {});
  bench.start();
  bench.configure();
  bench.advance(2s);
  bench.set_rate(28800);
  bench.advance(1s);
  const base::Bytes list = answer(90);
  EXPECT_EQ(list.size(), 101U) << base::to_hex(list);
  EXPECT_EQ(base::to_hex(list).substr(0, 20), "0a08080118ec0720c864") << "the bootloader, 1004";
}

TEST_F(Vendor, SaysWhichModulesAreBroken) {
  put_release(bench.flash(), 2302, 1004);
  base::Bytes image = user_part(4000);
  put(bench.flash(), kUserPart, image);
  bench.start();
  bench.configure();
  bench.advance(2s);
  bench.set_rate(28800);
  bench.advance(1s);
  const std::string list = base::to_hex(answer(90));
  EXPECT_NE(list.find("0803100118"
                      "0320fc1f2802"),
            std::string::npos)
      << "user part 1, version 3, 4092 bytes, a dependency that is not there: " << list;
}

TEST_F(Vendor, ListensAndStops) {
  run(2302, 1004);
  ask(70, 1s);
  EXPECT_EQ(bench.program->led().colour, "blue");
  ask(71, 1s);
  EXPECT_EQ(bench.program->led().colour, "green");
  EXPECT_EQ(ask(30, 5s), kPending) << "and answers no question any more";
}

TEST_F(Vendor, HoldsFourRequestsAtMost) {
  run_listening(2302, 1004);
  for (int i = 0; i < 4; ++i) in(1, 30);
  EXPECT_EQ(hex(in(1, 30)), "010000000300") << "busy";
  EXPECT_EQ(hex(in(5, 0)), "010000000000") << "all cancelled";
  bench.advance(10ms);
  EXPECT_EQ(hex(in(1, 30)),
            "030000000000"
            "0500");
}

TEST_F(Vendor, SaysWhatItDoesNotSupport) {
  run_listening(2302, 1004);
  for (const std::uint16_t type : std::initializer_list<std::uint16_t>{10, 80, 250, 261, 9999}) {
    EXPECT_EQ(ask(type, 10ms), kNotSupported) << type;
  }
  EXPECT_EQ(ask(21, 10ms), "090000000000ffffffff") << "a serial number that it does not have";
}

TEST_F(Vendor, WaitsForThePayload) {
  run_listening(2302, 1004);
  EXPECT_EQ(hex(in(1, 10, 4)),
            "030000000000"
            "0100");
  bench.advance(10ms);
  EXPECT_EQ(hex(in(2, 1)), kPending);
  EXPECT_EQ(bench.control(0x40, 3, 4, 1, 4, {1, 2, 3, 4}).kind, Kind::done);
  bench.advance(10ms);
  EXPECT_EQ(hex(in(2, 1)), kNotSupported);
}

TEST_F(Vendor, WantsAServiceReplyOf64Bytes) {
  run(2302, 1004);
  EXPECT_EQ(in(1, 50, 0, 16).kind, Kind::stall);
}

}  // namespace
}  // namespace sim
