// SPDX-License-Identifier: GPL-3.0-or-later
//
// Event streams: what is heard, byte for byte, and what goes wrong with them.
#include "sim/cloud/stream.h"

#include "fleet.h"

namespace sim::cloud::test {
namespace {

const std::string kStarted =
    "event: spark/flash/status\n"
    R"(data: {"data":"started ","ttl":60,"published_at":"2026-01-05T08:00:01.500Z","coreid":")" +
    kDevice + "\"}\n\n";

// What a stream brings of a flash with one failure, in the first three minutes.
struct Heard {
  std::string bytes;
  bool closed = false;
};
Heard heard(const std::string& failure, base::Micros time = 3min) {
  Options options = one("0.5.3");
  if (!failure.empty()) options.failures = {*parse_failure(failure)};
  Fleet fleet(options);
  Heard result{fleet.opened("/v1/devices/events"), false};
  fleet.flash(110, 3);
  const base::Instant end = fleet.cloud->now() + time;
  while (fleet.cloud->now() < end && !result.closed) {
    const Stream::Read read = fleet.cloud->read(fleet.stream);
    result.bytes += read.bytes;
    result.closed = read.closed;
    if (read.bytes.empty()) fleet.wait(100ms);
  }
  return result;
}

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(CloudStream, BeginsWithOkAndBringsEventsInTheVendorsForm) {
  Fleet fleet(one("0.5.3"));
  const Answer answer = fleet.get("/v1/devices/events?nonce=0.123");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/event-stream; charset=utf-8");
  ASSERT_TRUE(answer.stream);
  EXPECT_EQ(fleet.cloud->read(*answer.stream).bytes, ":ok\n\n");
  fleet.flash(110, 3);
  fleet.wait(1500ms);
  EXPECT_EQ(fleet.cloud->read(*answer.stream).bytes, kStarted);
}

TEST(CloudStream, KeepsAliveWithALineFeedEveryNineSeconds) {
  Fleet fleet(one("0.5.3"));
  fleet.opened("/v1/devices/events");
  fleet.wait(8s);
  EXPECT_EQ(fleet.heard(), "");
  fleet.wait(1s);
  EXPECT_EQ(fleet.heard(), "\n");
  fleet.wait(30s);
  EXPECT_EQ(fleet.heard(), "\n\n\n");
}

TEST(CloudStream, SafeModeIsAModuleListInAText) {
  const std::string all = heard("").bytes;
  const auto at = all.find("event: spark/status/safe-mode\ndata: ");
  ASSERT_NE(at, std::string::npos);
  const std::string line = all.substr(at + 36, all.find('\n', at + 36) - at - 36);
  const Json event = Json::parse(line);
  EXPECT_EQ(Json::parse(event["data"].get<std::string>())["p"], 10);
  EXPECT_EQ(event["coreid"], kDevice);
}

TEST(CloudStream, OfflineAndOnlineHaveOneTime) {
  const std::string all = heard("").bytes;
  const auto time_of = [&](const std::string& data) {
    const auto at = all.find(R"({"data":")" + data);
    const auto from = all.find("published_at", at) + 15;
    return all.substr(from, 24);
  };
  EXPECT_EQ(time_of("offline"), time_of("online"));
}

TEST(CloudStream, APrefixAndADeviceAreFilters) {
  Fleet fleet(*make_fleet({"0.5.3"}, 2, "0.6.4"));
  const auto open = [&](const std::string& target) {
    const Answer answer = fleet.get(target);
    EXPECT_TRUE(answer.stream) << target;
    fleet.cloud->read(*answer.stream);
    return *answer.stream;
  };
  const auto prefix = open("/v1/devices/events/spark%2Fstatus?nonce=1");
  const auto other = open("/v1/devices/" + fleet.device(1).id() + "/events");
  const auto own = open("/v1/devices/" + kDevice + "/events/spark%2Fflash");
  fleet.flash(110, 3);
  fleet.wait(3min);
  EXPECT_EQ(times(fleet.cloud->read(prefix).bytes, "event: "), 3U);
  EXPECT_EQ(times(fleet.cloud->read(other).bytes, "event: "), 0U);
  EXPECT_EQ(times(fleet.cloud->read(own).bytes, "event: "), 2U);
}

TEST(CloudStream, AProductsStreamHasItsDevicesAndTheOwnOneHasNot) {
  Options options = one("0.5.3");
  options.products.push_back({1234, "p", "P", 10, false});
  options.devices[0].product = 1234;
  options.devices[0].owned = false;
  Fleet fleet(options);
  const auto own = *fleet.get("/v1/devices/events").stream;
  fleet.opened("/v1/products/1234/events");
  const auto one_of = *fleet.get("/v1/products/1234/devices/" + kDevice + "/events").stream;
  fleet.cloud->handle(
      Fleet::flash_request("/v1/products/1234/devices/" + kDevice, *fleet.cloud->part(110, 3)));
  fleet.wait(2s);
  EXPECT_EQ(times(fleet.heard(), "event: "), 1U);
  EXPECT_EQ(times(fleet.cloud->read(one_of).bytes, "event: "), 1U);
  EXPECT_EQ(times(fleet.cloud->read(own).bytes, "event: "), 0U);
}

TEST(CloudStream, NothingIsStoredForWhoComesLater) {
  Fleet fleet(one("0.5.3"));
  fleet.flash(110, 3);
  fleet.wait(3min);
  EXPECT_EQ(fleet.opened("/v1/devices/events"), ":ok\n\n");
}

// --- failures ---

TEST(CloudStreamFailure, OpeningsAreRefused) {
  for (const auto& [failure, status] :
       {std::pair{"unauthorized", 401}, std::pair{"forbidden", 403}, std::pair{"rate-limit", 429},
        std::pair{"bad-gateway", 502}, std::pair{"unavailable", 503}}) {
    Options options = one("0.5.3");
    options.failures = {*parse_failure(std::string("opening 1: ") + failure)};
    Fleet fleet(options);
    const Answer answer = fleet.get("/v1/devices/events");
    EXPECT_EQ(answer.status, status) << failure;
    EXPECT_FALSE(answer.stream) << failure;
    EXPECT_TRUE(fleet.get("/v1/devices/events").stream) << failure;
  }
}

TEST(CloudStreamFailure, AStreamCanLookDifferent) {
  EXPECT_TRUE(heard("opening 1: no-ok").bytes.starts_with(kStarted));
  EXPECT_EQ(times(heard("opening 1: quiet", 1500ms).bytes, "\n\n\n"), 0U);
  const std::string crlf = heard("opening 1: crlf").bytes;
  EXPECT_TRUE(crlf.starts_with(":ok\r\n\r\nevent: spark/flash/status\r\ndata: "));
  EXPECT_EQ(times(crlf, "\n"), times(crlf, "\r\n"));
}

TEST(CloudStreamFailure, AStreamCanComeByteByByte) {
  Options options = one("0.5.3");
  options.failures = {*parse_failure("opening 1: split")};
  Fleet fleet(options);
  EXPECT_EQ(fleet.opened("/v1/devices/events"), ":");
  EXPECT_EQ(fleet.heard(), "o");
  EXPECT_EQ(heard("opening 1: split").bytes, heard("").bytes);
}

TEST(CloudStreamFailure, AnOldModuleListComesAgainAfterAReconnect) {
  Options options = one("0.5.3");
  options.failures = {*parse_failure("opening 2: old-safe-mode")};
  Fleet fleet(options);
  fleet.opened("/v1/devices/events");
  for (const std::uint8_t index : Indexes{3, 1}) {
    fleet.flash(110, index);
    fleet.wait(3min);
  }
  const std::string again = fleet.opened("/v1/devices/events");
  EXPECT_EQ(times(again, "safe-mode"), 1U);
  EXPECT_EQ(times(again, R"(\"n\":\"1\",\"v\":110)"), 0U);
}

TEST(CloudStreamFailure, EachFailureOfAnEventShows) {
  const std::string usual = heard("").bytes;
  const auto count = [](const std::string& failure, const std::string& what) {
    return times(heard(failure).bytes, what);
  };
  EXPECT_EQ(times(usual, "started "), 1U);
  EXPECT_EQ(count("event 1: lose", "started "), 0U);
  EXPECT_EQ(count("event 1: duplicate", "started "), 2U);
  EXPECT_EQ(count("event 1: bad-json", "\"coreid\""), times(usual, "\"coreid\"") - 1);
  EXPECT_EQ(count("event 1: ttl-text", "\"ttl\":\"60\""), 1U);
  EXPECT_EQ(count("event 1: no-ttl", "\"ttl\""), times(usual, "\"ttl\"") - 1);
  EXPECT_EQ(count("event 1: null-data", "{\"data\":null,"), 1U);
  EXPECT_EQ(count("event 1: no-data", "{\"ttl\""), 1U);
  EXPECT_EQ(count("event 1: foreign", "0000000000000000000000ff"), 1U);
  EXPECT_EQ(count("event 5: other-platform", R"(\"p\":6,)"), 1U);
  EXPECT_EQ(count("event 5: cut-data", R"(]}")"), times(usual, R"(]}")") - 1);
  EXPECT_EQ(count("event 1: markup", "<script>"), 1U);
  EXPECT_EQ(count("event 1: markup", "\x1b"), 0U);  // escaped in the JSON
  EXPECT_GT(heard("event 1: endless-event 2").bytes.size(), 2U << 20U);
}

TEST(CloudStreamFailure, SwappedEventsComeTheOtherWayRound) {
  const std::string swapped = heard("event 2: swap").bytes;
  EXPECT_LT(swapped.find("offline"), swapped.find("success"));
  EXPECT_LT(swapped.find("success"), swapped.find("\"online\""));
}

TEST(CloudStreamFailure, AStreamClosesBeforeInsideAndAfterAnEvent) {
  const Heard before = heard("event 2: close-before");
  EXPECT_TRUE(before.closed);
  EXPECT_EQ(times(before.bytes, "success"), 0U);
  const Heard after = heard("event 2: close-after");
  EXPECT_TRUE(after.closed);
  EXPECT_TRUE(after.bytes.ends_with("\"}\n\n"));
  EXPECT_EQ(times(after.bytes, "success"), 1U);
  const Heard inside = heard("event 2: cut-inside");
  EXPECT_TRUE(inside.closed);
  EXPECT_FALSE(inside.bytes.ends_with("\n\n"));
}

TEST(CloudStreamFailure, SilenceDelaysEverythingAndLateOnlyOne) {
  EXPECT_EQ(times(heard("event 2: silence", 60s).bytes, "success"), 0U);
  EXPECT_EQ(heard("event 2: silence", 5min).bytes.find("success") != std::string::npos, true);
  const std::string late = heard("event 2: late 60", 5min).bytes;
  EXPECT_LT(late.find("\"online\""), late.find("success"));
}

}  // namespace
}  // namespace sim::cloud::test
