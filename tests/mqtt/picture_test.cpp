// SPDX-License-Identifier: GPL-3.0-or-later
#include "mqtt/picture.h"

#include "board_page/fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mqtt {
namespace {

using board_test::status;
using station::SlotState;
using testing::HasSubstr;

TEST(Picture, PutsAStationTogetherAsItWasWhateverComesFirst) {
  station::Status sent = status(3);
  sent.counts.pass = 7;
  sent.counts.yield = 0.875;
  sent.counts.quantity = 500;
  sent.stop = station::Stop{"yield", "YIELD · CALL LEAD", 9};
  sent.elsewhere = {{"1.3", "3a00"}};
  sent.slots[1].state = SlotState::working;
  sent.slots[1].word = "WRITING · 43 %";
  sent.slots[1].share = 0.43;
  sent.slots[1].seconds_left = 5;
  sent.slots[1].last = station::LastResult{SlotState::fail, "3a00", "job", "timeout", 5};
  for (const bool slots_first : {false, true}) {
    Picture picture("plant2");
    Told told;
    if (!slots_first) told = picture.take(state("plant2", sent));
    for (const auto& one : sent.slots) told = picture.take(slot("plant2", sent.station, one));
    if (slots_first) told = picture.take(state("plant2", sent));
    ASSERT_NE(told.status, nullptr);
    EXPECT_EQ(told.status->slots, sent.slots);
    EXPECT_EQ(told.status->counts, sent.counts);
    EXPECT_EQ(told.status->stop, sent.stop);
    EXPECT_EQ(told.status->elsewhere, sent.elsewhere);
    EXPECT_EQ(told.status->order, sent.order);
  }
}

TEST(Picture, TellsOfAStationThatIsGoneAndOfAlarms) {
  Picture picture("plant2");
  EXPECT_EQ(picture.take(offline("plant2", "line1-a")).gone, "line1-a");
  const auto told = picture.take(alarm("plant2", "line1-a", {5, "hub", "hub 1.4 reset"}));
  ASSERT_TRUE(told.alarm);
  EXPECT_EQ(told.alarm->text, "line1-a: hub 1.4 reset");
}

TEST(Picture, WhatIsRetainedIsWhatMustBeThereForWhoeverComesLater) {
  EXPECT_TRUE(offline("p", "s").retained);
  EXPECT_TRUE(state("p", status(1)).retained);
  EXPECT_TRUE(slot("p", "s", status(1).slots[0]).retained);
  EXPECT_EQ(slot("p", "s", status(1).slots[0]).qos, 1);
  EXPECT_FALSE(progress("p", "s", status(1).slots[0]).retained);
  EXPECT_EQ(progress("p", "s", status(1).slots[0]).qos, 0);
  EXPECT_FALSE(result("p", "s", "{}").retained);
  EXPECT_EQ(slot("p", "s", status(1).slots[0]).topic, "er/v1/p/s/slot/A1");
}

TEST(Picture, WhatIsNoneOfOursTellsNothing) {
  Picture picture("plant2");
  const auto nothing = [&](const std::string& topic, const std::string& payload) {
    const Told told = picture.take({topic, payload, 0, false});
    return told.status == nullptr && told.gone.empty();
  };
  EXPECT_TRUE(nothing("er/v1/plant3/a/state", R"({"state":"online"})"));
  EXPECT_TRUE(nothing("er/v1/plant2/state", R"({"state":"online"})"));
  EXPECT_TRUE(nothing("er/v1/plant2//state", R"({"state":"online"})"));
  EXPECT_TRUE(nothing("er/v1/plant2/a/state", "no JSON"));
  EXPECT_TRUE(nothing("er/v1/plant2/a/state", "[1,2]"));
  EXPECT_TRUE(nothing("er/v1/plant2/a/state", R"({"state":5})"));
  EXPECT_TRUE(nothing("er/v1/plant2/a/slot/A1", R"({"name":"A2","state":"pass"})"));
  EXPECT_TRUE(nothing("er/v1/plant2/a/slot/A1", R"({"name":"A1","state":"wonderful"})"));
  EXPECT_TRUE(nothing("er/v1/plant2/a/state",
                      "{\"state\":\"online\",\"x\":\"" + std::string(70'000, 'x') + "\"}"));
  // What is wrong in parts is taken for what is right in it.
  const Told told = picture.take(
      {"er/v1/plant2/a/state",
       R"({"state":"online","order":7,"slots":["A1",5,null],"counts":[],"stop":"x","elsewhere":[1]})",
       0, false});
  ASSERT_NE(told.status, nullptr);
  EXPECT_EQ(told.status->slots.size(), 1U);
  EXPECT_EQ(told.status->order, "");
}

TEST(Picture, NobodyMakesItGrowForEver) {
  Picture picture("p");
  int told = 0;
  for (int n = 0; n < 1000; ++n) {
    station::Status one = status(1, "s" + std::to_string(n));
    told += picture.take(state("p", one)).status != nullptr ? 1 : 0;
  }
  EXPECT_EQ(told, 256);
}

}  // namespace
}  // namespace mqtt
