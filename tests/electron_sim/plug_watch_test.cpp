// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/plug_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using electron_sim::Plug;
using electron_sim::PlugWatch;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(PlugWatch, EachChangeIsToldOnce) {
  PlugWatch watch;
  EXPECT_THAT(watch.changes(1, 0), IsEmpty());
  EXPECT_THAT(watch.changes(1, 1), ElementsAre(Plug::attached));
  EXPECT_THAT(watch.changes(1, 1), IsEmpty());
  EXPECT_THAT(watch.changes(0, 1), ElementsAre(Plug::attached));
  EXPECT_THAT(watch.changes(1, 0), ElementsAre(Plug::detached));
}

TEST(PlugWatch, ABoardThatLeftAndCameBackBetweenTwoLooksIsToldAsBoth) {
  PlugWatch watch;
  watch.changes(0, 3);
  EXPECT_THAT(watch.changes(0, 4), ElementsAre(Plug::detached, Plug::attached));
}

}  // namespace
