// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/wire.h"

#include "fleet.h"

namespace sim::cloud::test {
namespace {

struct Client {
  explicit Client(Options options) : fleet(std::move(options)), wire(*fleet.cloud) {}

  net::Ticket flash(std::uint16_t version, std::uint8_t index) {
    net::Ask ask;
    ask.method = "PUT";
    ask.url = "sim:///v1/devices/" + kDevice;
    ask.token = kUsualToken;
    net::Part file;
    file.name = "file";
    file.file_name = "part.bin";
    file.file = fleet.cloud->part(version, index);
    net::Part type;
    type.name = "file_type";
    type.value = "binary";
    ask.parts = {file, type};
    return wire.ask(ask);
  }
  net::Ticket get(const std::string& path) {
    net::Ask ask;
    ask.url = "sim://cloud" + path;
    ask.token = kUsualToken;
    return wire.ask(ask);
  }
  net::Ticket listen() {
    net::Listen listen;
    listen.url = "sim:///v1/devices/events";
    listen.token = kUsualToken;
    return wire.listen(listen);
  }
  std::optional<net::Happening> next(base::Micros within) {
    return wire.next(fleet.cloud->now() + within, never);
  }
  template <class What>
  What expect(net::Ticket ticket, base::Micros within = 5min) {
    const auto happening = next(within);
    EXPECT_TRUE(happening);
    if (!happening) return {};
    EXPECT_EQ(happening->ticket, ticket);
    const What* what = std::get_if<What>(&happening->what);
    EXPECT_NE(what, nullptr) << happening->what.index();
    return what == nullptr ? What{} : *what;
  }

  Fleet fleet;
  CloudWire wire;
  base::CancelToken never;
};

TEST(CloudWire, AnswersInTheCloudsTime) {
  Client client(one("0.5.3"));
  const auto ticket = client.flash(110, 3);
  EXPECT_FALSE(client.next(1s));
  EXPECT_EQ(client.fleet.cloud->now(), base::Instant{} + 1s);
  const auto reply = client.expect<net::Reply>(ticket);
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("Update started"), std::string::npos);
  EXPECT_EQ(client.fleet.cloud->now(), base::Instant{} + 1500ms);
}

TEST(CloudWire, AStreamOpensBringsPiecesAndCloses) {
  Options options = one("0.5.3");
  options.failures = {*parse_failure("event 2: close-after")};
  Client client(options);
  const auto stream = client.listen();
  EXPECT_EQ(client.expect<net::Opened>(stream).content_type, "text/event-stream; charset=utf-8");
  EXPECT_EQ(client.expect<net::Piece>(stream).bytes, ":ok\n\n");
  const auto put = client.flash(110, 3);
  std::string all;
  bool closed = false;
  while (auto happening = client.next(30s)) {
    if (happening->ticket == put) continue;
    if (const auto* piece = std::get_if<net::Piece>(&happening->what)) all += piece->bytes;
    closed = closed || std::holds_alternative<net::Closed>(happening->what);
  }
  EXPECT_TRUE(closed);
  EXPECT_NE(all.find("success "), std::string::npos);
}

TEST(CloudWire, ARefusedStreamIsAnAnswer) {
  Options options = one("0.5.3");
  options.failures = {*parse_failure("opening 1: rate-limit")};
  Client client(options);
  EXPECT_EQ(client.expect<net::Reply>(client.listen()).status, 429);
}

TEST(CloudWire, ErrorsAreThoseOfARealConnection) {
  Options options = one("0.5.3");
  options.failures = {*parse_failure("answer 1: cut"), *parse_failure("answer 2: slow 200"),
                      *parse_failure("answer 3: endless"), *parse_failure("answer 4: long-header")};
  Client client(options);
  for (const char* id : {"connection-lost", "timeout", "answer-too-long", "answer-too-long"}) {
    EXPECT_EQ(client.expect<base::Error>(client.get("/v1/devices"), 10min).id, id);
  }
  EXPECT_EQ(client.expect<net::Reply>(client.get("/v1/devices")).status, 200);
}

TEST(CloudWire, WhatIsDroppedIsNotHeardOf) {
  Client client(one("0.5.3"));
  client.wire.drop(client.get("/v1/devices"));
  client.wire.drop(client.listen());
  client.wire.drop(99);
  EXPECT_FALSE(client.next(1min));
}

TEST(CloudWire, AWishToStopEndsTheWait) {
  Client client(one("0.5.3"));
  client.listen();
  base::CancelToken stop;
  stop.request();
  EXPECT_FALSE(client.wire.next(client.fleet.cloud->now() + 1min, stop));
  EXPECT_EQ(client.fleet.cloud->now(), base::Instant{});
}

TEST(CloudClock, SleepingLetsThingsHappen) {
  Client client(one("0.5.3"));
  CloudClock clock(*client.fleet.cloud);
  client.flash(110, 3);
  clock.sleep(3min, client.never);
  EXPECT_EQ(clock.now(), base::Instant{} + 3min);
  EXPECT_EQ(client.fleet.device().parts_taken(), 1);
}

}  // namespace
}  // namespace sim::cloud::test
