// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/feed.h"

#include "support/scripted_wire.h"

#include <gtest/gtest.h>

namespace cloud {
namespace {

using std::chrono::seconds;
using test_support::reply;

const net::Opened kOpened{"text/event-stream; charset=utf-8"};
const std::string kOnline =
    "event: spark/status\ndata: {\"data\":\"online\",\"coreid\":\"1d\"}\n\n";

struct Bench {
  test_support::ManualClock clock;
  test_support::ScriptedWire wire{clock};
  base::CancelToken cancel;
  Feed feed{wire, *Account::make("https://a.example", "t"), {}};

  // Until then, what was heard: "ready", "lost", "refused", an event's name; with its second.
  std::vector<std::string> run(base::Micros long_) {
    std::vector<std::string> heard;
    const base::Instant end = clock.now() + long_;
    const auto add = [&](const std::vector<Heard>& all) {
      for (const Heard& one : all) {
        const auto* event = std::get_if<Event>(&one);
        const std::string what = event != nullptr                           ? event->name
                                 : std::holds_alternative<StreamReady>(one) ? "ready"
                                 : std::holds_alternative<StreamLost>(one)  ? "lost"
                                                                            : "refused";
        heard.push_back(
            what + " " +
            std::to_string(std::chrono::floor<seconds>(clock.now().time_since_epoch()).count()));
      }
    };
    while (clock.now() < end) {
      add(feed.tick(clock.now()));
      if (const auto happening = wire.next(std::min(end, feed.wake()), cancel)) {
        add(feed.hear(*happening, clock.now()));
      }
    }
    return heard;
  }
};

using Texts = std::vector<std::string>;

TEST(Feed, IsReadyWithTheGreeting) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    bench.wire.say(seconds(1), ticket, kOpened);
    bench.wire.say(seconds(2), ticket, net::Piece{":ok\n\n"});
    bench.wire.say(seconds(9), ticket, net::Piece{kOnline});
  };
  EXPECT_EQ(bench.run(seconds(20)), (Texts{"ready 2", "spark/status 9"}));
}

TEST(Feed, IsReadyWithoutAGreetingAfterTwoSeconds) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    bench.wire.say(seconds(1), ticket, kOpened);
  };
  EXPECT_EQ(bench.run(seconds(20)), (Texts{"ready 3"}));
}

TEST(Feed, StaysOpenOnKeepAlives) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    bench.wire.say(seconds(0), ticket, kOpened);
    for (int i = 0; i < 40; ++i) bench.wire.say(seconds(60 * i), ticket, net::Piece{":ok\n"});
  };
  EXPECT_EQ(bench.run(seconds(2000)), (Texts{"ready 0"}));
}

TEST(Feed, IsLostAfterSilenceAndOpenedAnew) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    bench.wire.say(seconds(0), ticket, kOpened);
    bench.wire.say(seconds(0), ticket, net::Piece{":ok\n"});
  };
  EXPECT_EQ(bench.run(seconds(80)), (Texts{"ready 0", "lost 70", "ready 75"}));
}

TEST(Feed, IsOpenedAnewWhenItEnds) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    bench.wire.say(seconds(0), ticket, kOpened);
    bench.wire.say(seconds(0), ticket, net::Piece{":ok\n\n" + kOnline});
    bench.wire.say(seconds(3), ticket, net::Closed{});
  };
  EXPECT_EQ(bench.run(seconds(10)),
            (Texts{"ready 0", "spark/status 0", "lost 3", "ready 8", "spark/status 8"}));
}

TEST(Feed, PausesLongerAndLongerWhereItIsNotOpened) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    bench.wire.say(seconds(0), ticket, reply(503, "<html>"));
  };
  EXPECT_TRUE(bench.run(seconds(300)).empty());
  // At 0, 5, 15, 35, 75, 155, 275: far from 100 in five minutes.
  EXPECT_EQ(bench.wire.listens.size(), 7U);
}

TEST(Feed, WaitsAsLongAsALimitSays) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    net::Reply limit = reply(429, "");
    limit.retry_after = seconds(100);
    bench.wire.say(seconds(0), ticket, limit);
  };
  EXPECT_TRUE(bench.run(seconds(250)).empty());
  EXPECT_EQ(bench.wire.listens.size(), 3U);
}

TEST(Feed, IsRefusedForGoodByAClearNo) {
  for (const long status : {400L, 401L, 403L, 404L}) {
    Bench bench;
    bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
      bench.wire.say(seconds(0), ticket, reply(status, "{}"));
    };
    EXPECT_EQ(bench.run(seconds(100)), (Texts{"refused 0"})) << status;
    EXPECT_EQ(bench.wire.listens.size(), 1U);
  }
}

TEST(Feed, TakesNoPageForAStream) {
  Bench bench;
  bench.wire.on_listen = [&](net::Ticket ticket, const net::Listen&) {
    bench.wire.say(seconds(0), ticket, net::Opened{"text/html"});
    bench.wire.say(seconds(0), ticket, net::Piece{kOnline});
  };
  EXPECT_TRUE(bench.run(seconds(4)).empty());
}

TEST(Feed, GivesUpOpeningThatIsNeverAnswered) {
  Bench bench;
  EXPECT_TRUE(bench.run(seconds(100)).empty());
  EXPECT_EQ(bench.wire.listens.size(), 2U);
}

}  // namespace
}  // namespace cloud
