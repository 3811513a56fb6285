// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/agenda.h"

#include <gtest/gtest.h>

#include <string>

namespace sim {
namespace {

using namespace std::chrono_literals;

base::Instant at(base::Micros time) { return base::Instant(time); }

TEST(Agenda, DoesWhatIsDueInOrderOfTimeThenOfMaking) {
  Agenda agenda;
  std::string done;
  agenda.at(at(20ms), [&] { done += 'c'; });
  agenda.at(at(10ms), [&] { done += 'a'; });
  agenda.at(at(10ms), [&] { done += 'b'; });
  EXPECT_EQ(agenda.next(), at(10ms));
  EXPECT_FALSE(agenda.run_one(at(9ms)));
  while (agenda.run_one(at(15ms))) {
  }
  EXPECT_EQ(done, "ab");
  EXPECT_EQ(agenda.next(), at(20ms));
}

TEST(Agenda, ForgetsWhatIsCancelled) {
  Agenda agenda;
  int done = 0;
  const Agenda::Ticket ticket = agenda.at(at(1ms), [&] { ++done; });
  agenda.cancel(ticket);
  agenda.cancel(ticket);
  EXPECT_FALSE(agenda.run_one(at(1s)));
  EXPECT_FALSE(agenda.next());
  EXPECT_EQ(done, 0);
}

TEST(Agenda, LetsAnActionAddAndClear) {
  Agenda agenda;
  int done = 0;
  agenda.at(at(1ms), [&] { agenda.at(at(1ms), [&] { ++done; }); });
  while (agenda.run_one(at(1ms))) {
  }
  EXPECT_EQ(done, 1);
  agenda.at(at(2ms), [&] { agenda.clear(); });
  agenda.at(at(3ms), [&] { ++done; });
  while (agenda.run_one(at(1s))) {
  }
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace sim
