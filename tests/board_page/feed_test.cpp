// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/feed.h"

#include "board_page/fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace board {
namespace {

using board_test::shared;
using board_test::status;
using station::SlotState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class HandClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override { now_ += duration; }
  void pass(base::Micros time) { now_ += time; }

 private:
  base::Instant now_{std::chrono::seconds(1000)};
};

std::vector<std::string> names(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = text.find("event: "); at != std::string::npos;
       at = text.find("event: ", at + 1)) {
    found.push_back(text.substr(at + 7, text.find('\n', at) - at - 7));
  }
  return found;
}

TEST(Feed, AReaderGetsASnapshotFirstAndThenOnlyWhatChanges) {
  HandClock clock;
  Feed feed(clock);
  station::Status now = status(3);
  feed.on_status(shared(now));
  Cursor reader;
  const std::string first = feed.next(reader);
  EXPECT_THAT(names(first), ElementsAre("snapshot"));
  EXPECT_THAT(first, HasSubstr("\"A3\""));
  EXPECT_EQ(feed.next(reader), "");
  now.slots[1].state = SlotState::pass;
  now.slots[1].word = "PASS · TAKE OUT";
  now.counts.pass = 1;
  feed.on_status(shared(now));
  const std::string changed = feed.next(reader);
  EXPECT_THAT(names(changed), ElementsAre("slot", "counts"));
  EXPECT_THAT(changed, HasSubstr("PASS · TAKE OUT"));
  EXPECT_EQ(feed.next(reader), "");
  now.stop = station::Stop{"disk", "DISK", 5};
  feed.on_status(shared(now));
  feed.on_alarm({5, "hub", "hub 1.4 reset, 4 boards"});
  EXPECT_THAT(names(feed.next(reader)), ElementsAre("station", "alarm"));
  // Who comes back begins anew, with all of it.
  Cursor again;
  EXPECT_THAT(feed.next(again), HasSubstr("PASS"));
}

TEST(Feed, IdsAscend) {
  HandClock clock;
  Feed feed(clock);
  station::Status now = status(8);
  feed.on_status(shared(now));
  Cursor reader;
  std::string all = feed.next(reader);
  for (int round = 0; round < 20; ++round) {
    for (auto& slot : now.slots) slot.attempt = round;
    now.counts.pass = round;
    feed.on_status(shared(now));
    all += feed.next(reader);
  }
  long before = 0;
  for (std::size_t at = all.find("id: "); at != std::string::npos;
       at = all.find("\nid: ", at + 1)) {
    const long id = std::stol(all.substr(all.find(' ', at) + 1));
    EXPECT_GE(id, before);
    before = id;
  }
  EXPECT_GT(before, 100);
}

TEST(Feed, ProgressIsToldFourTimesASecondAtMostAndTheLastOfItAlways) {
  HandClock clock;
  Feed feed(clock);
  station::Status now = status(1);
  now.slots[0].state = SlotState::working;
  feed.on_status(shared(now));
  Cursor reader;
  feed.next(reader);
  int told = 0;
  for (int i = 1; i < 100; ++i) {  // a second of it
    clock.pass(std::chrono::milliseconds(10));
    now.slots[0].share = i / 100.0;
    now.slots[0].word = fmt::format("WRITING · {} % · DO NOT PULL", i);
    feed.on_status(shared(now));
    told += feed.next(reader).empty() ? 0 : 1;
  }
  EXPECT_LE(told, 4);
  EXPECT_GE(told, 3);
  clock.pass(Feed::kPause);
  EXPECT_THAT(feed.next(reader), HasSubstr("99 %"));
  // What is more than progress waits for nothing.
  now.slots[0].share = 1;
  now.slots[0].state = SlotState::pass;
  feed.on_status(shared(now));
  EXPECT_THAT(feed.next(reader), HasSubstr("\"pass\""));
}

TEST(Feed, ASlowReaderGetsTheNewestOfEachSlotAndNoQueue) {
  HandClock clock;
  Feed feed(clock);
  station::Status now = status(32);
  feed.on_status(shared(now));
  Cursor slow;
  feed.next(slow);
  for (int round = 1; round <= 1000; ++round) {
    for (auto& slot : now.slots) slot.attempt = round;
    feed.on_status(shared(now));
  }
  const std::string caught_up = feed.next(slow);
  EXPECT_EQ(names(caught_up).size(), 32U);
  EXPECT_LT(caught_up.size(), 64U * 1024);
  EXPECT_THAT(caught_up, HasSubstr("\"attempt\":1000"));
}

TEST(Feed, BeatsEveryFiveSecondsWhereNothingHappens) {
  HandClock clock;
  Feed feed(clock);
  feed.on_status(shared(status(1)));
  Cursor reader;
  feed.next(reader);
  clock.pass(std::chrono::milliseconds(4900));
  EXPECT_EQ(feed.next(reader), "");
  clock.pass(std::chrono::milliseconds(100));
  EXPECT_THAT(names(feed.next(reader)), ElementsAre("beat"));
}

TEST(Feed, AHallKeepsWhatAStationThatDiedShowedLast) {
  HandClock clock;
  Feed feed(clock);
  feed.on_status(shared(status(2, "line1-a")));
  feed.on_status(shared(status(2, "line1-b")));
  Cursor reader;
  feed.next(reader);
  feed.gone("line1-b");
  feed.gone("nobody");
  EXPECT_THAT(names(feed.next(reader)), ElementsAre("station"));
  const auto state = feed.state();
  ASSERT_EQ(state["stations"].size(), 2U);
  EXPECT_EQ(state["stations"][0]["gone"], false);
  EXPECT_EQ(state["stations"][1]["gone"], true);
  feed.on_status(shared(status(2, "line1-b")));
  EXPECT_EQ(feed.state()["stations"][1]["gone"], false);
}

TEST(Feed, OtherSlotsAreANewSnapshot) {
  HandClock clock;
  Feed feed(clock);
  feed.on_status(shared(status(2)));
  Cursor reader;
  feed.next(reader);
  feed.on_status(shared(status(3)));
  EXPECT_THAT(names(feed.next(reader)), ElementsAre("snapshot"));
}

TEST(Feed, ALineEndInATextEndsNoEvent) {
  HandClock clock;
  Feed feed(clock);
  station::Status now = status(1);
  feed.on_status(shared(now));
  Cursor reader;
  feed.next(reader);
  now.slots[0].message = "one\n\nevent: snapshot\ndata: {}\r\n\xFF";
  feed.on_status(shared(now));
  const std::string text = feed.next(reader);
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
  EXPECT_EQ(std::ranges::count(text, '\r'), 0);
}

}  // namespace
}  // namespace board
