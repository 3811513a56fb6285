// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/mishaps.h"

#include <gtest/gtest.h>

namespace sim::cloud {
namespace {

TEST(Mishaps, EveryRowIsInItsPlaceAndSaysWhatItMeans) {
  for (std::size_t i = 0; i < mishap_rows().size(); ++i) {
    const MishapRow& about = mishap_rows()[i];
    EXPECT_EQ(static_cast<std::size_t>(about.mishap), i) << about.name;
    EXPECT_NE(about.counted, 0) << about.name;
    EXPECT_FALSE(about.meaning.empty()) << about.name;
    EXPECT_EQ(about.amount == 0, about.unit.empty()) << about.name;
  }
  EXPECT_EQ(mishap_rows().back().mishap, Mishap::undeveloped);
}

TEST(Mishaps, EveryOneIsWrittenAndReadWhereItCanHappen) {
  for (const MishapRow& about : mishap_rows()) {
    for (std::size_t counted = 0; counted < kCounted; ++counted) {
      const Failure failure{static_cast<Counted>(counted), 7, about.mishap, about.amount};
      const auto read = parse_failure(to_string(failure));
      ASSERT_EQ(read.has_value(), applies(about, failure.counted)) << to_string(failure);
      if (read) {
        EXPECT_EQ(*read, failure);
      }
    }
  }
}

TEST(Mishaps, AnAmountIsTakenWhereThereIsOne) {
  const auto stall = parse_failure("transfer 2: stall 0.25");
  ASSERT_TRUE(stall);
  EXPECT_EQ(stall->amount, 0.25);
  EXPECT_EQ(to_string(*stall), "transfer 2: stall 0.25");
  EXPECT_EQ(to_string(*parse_failure("transfer 2: stall 0.00001")), "transfer 2: stall 0.00001");
  EXPECT_EQ(to_string(*parse_failure("event 1: late 120")), "event 1: late 120");
  EXPECT_FALSE(parse_failure("event 2: lose 3"));
}

TEST(Mishaps, WhatIsNoFailureIsRefusedWithWhatCanBeSaid) {
  for (const char* text : {"", "flash", "flash 1", "flash x: cut", "flash 1: nonsense",
                           "cloud 1: cut", "event 1: cut", "flash 1: cut 1 2"}) {
    const auto failure = parse_failure(text);
    ASSERT_FALSE(failure) << text;
    EXPECT_EQ(failure.error().id, "bad-failure") << text;
    EXPECT_FALSE(failure.error().hint.empty()) << text;
  }
}

TEST(Mishaps, SwitchesCountEachKindForItself) {
  Switches switches({*parse_failure("flash 2: cut"), *parse_failure("event 0: duplicate")});
  EXPECT_TRUE(switches.next(Counted::flash).empty());
  EXPECT_EQ(switches.next(Counted::event).size(), 1U);
  const auto due = switches.next(Counted::flash);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(find(due, Mishap::cut), nullptr);
  EXPECT_EQ(find(due, Mishap::lose), nullptr);
  EXPECT_TRUE(switches.next(Counted::flash).empty());
  EXPECT_EQ(switches.next(Counted::event).size(), 1U);
  EXPECT_EQ(switches.count(Counted::flash), 3U);
}

}  // namespace
}  // namespace sim::cloud
