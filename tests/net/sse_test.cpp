// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/sse.h"

#include <gtest/gtest.h>

namespace net {
namespace {

using Events = std::vector<SseEvent>;

Events read(std::string_view text, std::size_t step) {
  SseReader reader;
  Events events;
  for (std::size_t from = 0; from < text.size(); from += step) {
    for (SseEvent& event : reader.take(text.substr(from, step))) events.push_back(event);
  }
  return events;
}

TEST(SseReader, ReadsTheVendorsStream) {
  const std::string text =
      ":ok\n\nevent: spark/status\ndata: {\"data\":\"online\"}\n\n\n\n"
      "event: spark/flash/status\ndata: {\"data\":\"started \"}\n\n";
  const Events expected{{"spark/status", "{\"data\":\"online\"}"},
                        {"spark/flash/status", "{\"data\":\"started \"}"}};
  for (std::size_t step = 1; step <= text.size(); ++step) EXPECT_EQ(read(text, step), expected);
}

TEST(SseReader, TakesEveryEndOfLineCutAnywhere) {
  const Events expected{{"a", "1\n2"}, {"", "3"}};
  for (const char* text : {"event: a\ndata: 1\ndata: 2\n\ndata:3\n\n",
                           "event: a\r\ndata: 1\r\ndata: 2\r\n\r\ndata:3\r\n\r\n",
                           "event: a\rdata: 1\rdata: 2\r\rdata:3\r\r"}) {
    for (std::size_t step = 1; step < 12; ++step) EXPECT_EQ(read(text, step), expected) << text;
  }
}

TEST(SseReader, KeepsACharacterThatIsCutInTwo) {
  EXPECT_EQ(read("data: \xC3\xA9\n\n", 7), (Events{{"", "\xC3\xA9"}}));
}

TEST(SseReader, PassesOverCommentsUnknownFieldsAndEventsWithoutData) {
  EXPECT_EQ(read("id: 7\nretry: 1\nnonsense\n: comment\nevent: a\n\ndata\n\n", 100),
            (Events{{"", ""}}));
}

TEST(SseReader, GivesNothingBeforeTheEmptyLine) {
  EXPECT_TRUE(read("event: a\ndata: 1\n", 3).empty());
}

TEST(SseReader, SaysWhenItWasGreeted) {
  SseReader reader;
  reader.take("\n\n");
  EXPECT_FALSE(reader.greeted());
  reader.take(":ok\n");
  EXPECT_TRUE(reader.greeted());
}

TEST(SseReader, DropsAnEndlessLineAndGoesOn) {
  SseReader reader;
  reader.take("data: ");
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(reader.take(std::string(1000, 'x')).empty());
  EXPECT_TRUE(reader.take("\n\n").empty());
  EXPECT_EQ(reader.dropped(), 1U);
  EXPECT_EQ(reader.take("data: 1\n\n"), (Events{{"", "1"}}));
}

TEST(SseReader, DropsAnEndlessEventAndGoesOn) {
  SseReader reader;
  const std::string line = "data: " + std::string(1000, 'x') + "\n";
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(reader.take(line).empty());
  EXPECT_TRUE(reader.take("\n").empty());
  EXPECT_EQ(reader.dropped(), 1U);
  EXPECT_EQ(reader.take("data: 1\n\n"), (Events{{"", "1"}}));
}

}  // namespace
}  // namespace net
