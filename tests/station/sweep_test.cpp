// SPDX-License-Identifier: GPL-3.0-or-later
//
// At every event of a run of sixteen slots something happens: a board is pulled, two are swapped, a
// hub is reset, the computer loses power.
#include "station/model_bench.h"

#include <gtest/gtest.h>

#include <iostream>

namespace station {
namespace {

using records::Outcome;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::bench_config;
using test::kBlocks;
using test::ModelBench;

constexpr std::size_t kSlots = 16;

// A line that stops would hide what is looked for here.
Config patient_config() {
  Config config = bench_config(kSlots);
  config.policy.stop_in_a_row = 0;
  config.policy.stop_slot_in_a_row = 0;
  config.policy.stop_yield = 0;
  config.policy.device_tries = 100;
  return config;
}

// Into that slot, or where there is room. Returns where.
std::size_t put(ModelBench& bench, std::size_t slot, std::size_t board) {
  for (std::size_t n = 0; bench.board_in(slot) && n < kSlots; ++n) slot = n;
  bench.plug(slot, board);
  return slot;
}

// Sixteen boards, plugged in one after the other by hands that do not wait; every third tells no
// id.
std::unique_ptr<ModelBench> begin_run() {
  auto bench = std::make_unique<ModelBench>(patient_config(), kSlots);
  for (std::size_t n = 0; n < kSlots; ++n) {
    bench->board(n).tells_id = n % 3 != 0;
    bench->board(n).blocks = n % 5 == 0 ? 2 : 0;
    bench->later(milliseconds(130 * n), [&bench = *bench, n] { put(bench, n, n); });
  }
  return bench;
}

struct Insertion {
  std::size_t slot = 0;
  std::int64_t from_ms = 0;
};

// Every board that was in a slot is told of there: by a row, or by an act.
void expect_accounted(ModelBench& bench, const std::vector<Insertion>& insertions) {
  for (const Insertion& insertion : insertions) {
    const std::string slot = bench.config().slots[insertion.slot].name;
    const auto told_by_row = [&](const records::Row& row) {
      return row.opening.slot == slot && row.ending && row.ending->ended_ms >= insertion.from_ms;
    };
    const auto told_by_act = [&](const records::Act& act) {
      const bool here = act.detail == slot || act.detail.starts_with(slot + ":");
      return here && act.at_ms >= insertion.from_ms;
    };
    EXPECT_TRUE(std::ranges::any_of(bench.store.rows, told_by_row) ||
                std::ranges::any_of(bench.store.acts, told_by_act))
        << "an insertion in " << slot << " is told of nowhere";
  }
}

void expect_all_well(ModelBench& bench) {
  EXPECT_EQ(bench.store.closed_twice, 0);
  EXPECT_TRUE(bench.engine().idle());
  for (const records::Row& row : bench.store.rows) {
    EXPECT_TRUE(row.ending) << "a row stayed open";
  }
  for (std::size_t n = 0; n < kSlots; ++n) {
    if (bench.board(n).blocks == kBlocks) continue;
    // Half done, and it says so: it was put into the place of another one that cannot be told
    // apart.
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      if (bench.board_in(slot) != n) continue;
      EXPECT_EQ(bench.engine().slot(slot).state, SlotState::fail)
          << "board " << n << " is unfinished and does not look it";
    }
  }
  for (const std::string& job : bench.shown_pass) {
    const records::Row* row = bench.store.find(job);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->ending->outcome, Outcome::pass);
  }
}

class Sweep {
 public:
  // What is done just before the event of that number; false: there is none.
  using Strike = std::function<void(ModelBench&, std::size_t slot, std::vector<Insertion>&)>;

  // `slots`: in how many of them, beginning with the first, `apart` from each other.
  explicit Sweep(Strike strike, std::size_t slots, std::size_t apart = 1)
      : strike_(std::move(strike)), slots_(slots), apart_(apart) {}

  int run() {
    const int events = undisturbed();
    for (int at = 1; at < events; ++at) {
      for (std::size_t n = 0; n < slots_; ++n) {
        one(at, n * apart_);
        if (testing::Test::HasFailure()) {
          ADD_FAILURE() << "at event " << at << ", slot " << n * apart_;
          return runs_;
        }
        ++runs_;
      }
    }
    return runs_;
  }

 private:
  static int undisturbed() {
    const auto bench = begin_run();
    bench->run(minutes(2));
    EXPECT_EQ(bench->shown_pass.size(), kSlots);
    return bench->steps;
  }

  void one(int at, std::size_t slot) {
    const auto bench = begin_run();
    std::vector<Insertion> insertions;
    while (bench->steps < at && bench->step()) {
    }
    strike_(*bench, slot, insertions);
    bench->run(minutes(3));
    expect_all_well(*bench);
    expect_accounted(*bench, insertions);
  }

  Strike strike_;
  std::size_t slots_;
  std::size_t apart_;
  int runs_ = 0;
};

// The boards of some slots out, and in again elsewhere after a while.
void move_boards(ModelBench& bench, const std::vector<std::pair<std::size_t, std::size_t>>& moves,
                 base::Micros after, std::vector<Insertion>& insertions) {
  std::vector<std::pair<std::size_t, std::size_t>> plugs;  // slot, board
  for (const auto& [from, to] : moves) {
    if (const auto board = bench.board_in(from)) plugs.emplace_back(to, *board);
  }
  for (const auto& [from, to] : moves) bench.pull(from);
  for (const auto& [to, board] : plugs) {
    bench.later(after, [&bench, &insertions, to = to, board = board] {
      const std::int64_t from_ms = bench.wall_ms();
      const bool same = is_latched(bench.engine().slot(to).state) &&
                        bench.engine().slot(to).guest.id == bench.board(board).id;
      const std::size_t where = put(bench, to, board);
      if (!same) insertions.push_back({where, from_ms});
    });
  }
}

void print(const char* what, int runs) {
  std::cout << "sweep: " << what << ": " << runs << " runs\n";
}

TEST(Sweep, aBoardIsPulledAtEveryEventAndPutBackSoon) {
  const int runs = Sweep(
                       [](ModelBench& bench, std::size_t slot, std::vector<Insertion>& in) {
                         move_boards(bench, {{slot, slot}}, milliseconds(700), in);
                       },
                       kSlots)
                       .run();
  print("a board is pulled and put back at once", runs);
}

TEST(Sweep, aBoardIsPulledAtEveryEventAndPutBackLater) {
  const int runs = Sweep(
                       [](ModelBench& bench, std::size_t slot, std::vector<Insertion>& in) {
                         move_boards(bench, {{slot, slot}}, seconds(6), in);
                       },
                       kSlots)
                       .run();
  print("a board is pulled and put back later", runs);
}

TEST(Sweep, twoBoardsAreSwappedAtEveryEvent) {
  const int runs = Sweep(
                       [](ModelBench& bench, std::size_t slot, std::vector<Insertion>& in) {
                         const std::size_t other = (slot + 9) % kSlots;  // on the other hub
                         move_boards(bench, {{slot, other}, {other, slot}}, seconds(1), in);
                       },
                       kSlots)
                       .run();
  print("two boards are swapped", runs);
}

TEST(Sweep, aHubIsResetAtEveryEvent) {
  const int runs = Sweep(
                       [](ModelBench& bench, std::size_t slot, std::vector<Insertion>& in) {
                         std::vector<std::pair<std::size_t, std::size_t>> all;
                         for (std::size_t n = 0; n < 8; ++n)
                           all.emplace_back(slot / 8 * 8 + n, slot / 8 * 8 + n);
                         move_boards(bench, all, milliseconds(900), in);
                       },
                       2, 8)
                       .run();
  print("a hub is reset", runs);
}

TEST(Sweep, theComputerLosesPowerAtEveryEvent) {
  const int runs =
      Sweep([](ModelBench& bench, std::size_t, std::vector<Insertion>&) { bench.lose_power(); }, 1)
          .run();
  print("the computer loses power", runs);
}

}  // namespace
}  // namespace station
