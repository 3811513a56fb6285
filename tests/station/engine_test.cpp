// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/engine.h"

#include "station/model_bench.h"

#include <gtest/gtest.h>

namespace station {
namespace {

using records::Outcome;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::bench_config;
using test::kBlocks;
using test::ModelBench;

const records::Row& last_row(const ModelBench& bench) { return bench.store.rows.back(); }

int acts(const ModelBench& bench, const std::string& what) {
  return static_cast<int>(std::ranges::count(bench.store.acts, what, &records::Act::what));
}

TEST(Engine, aBoardThatIsPluggedInIsWorkedOnAndPasses) {
  ModelBench bench(bench_config(4), 4);
  bench.plug(1, 2);
  bench.run();
  EXPECT_EQ(bench.engine().slot(1).state, SlotState::pass);
  ASSERT_EQ(bench.store.rows.size(), 1U);
  EXPECT_EQ(last_row(bench).opening.slot, "A2");
  EXPECT_EQ(last_row(bench).opening.device, bench.board(2).id);
  EXPECT_EQ(last_row(bench).ending->outcome, Outcome::pass);
  EXPECT_FALSE(bench.store.reports.begin()->second.empty());
  EXPECT_EQ(bench.board(2).blocks, kBlocks);
}

TEST(Engine, onePassedIsDoneAlreadyWhereverItIsPluggedInNext) {
  ModelBench bench(bench_config(4), 4);
  bench.plug(0, 0);
  bench.run();
  bench.pull(0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::empty);
  bench.plug(3, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(3).state, SlotState::done_already);
  EXPECT_EQ(bench.store.rows.size(), 1U);
  EXPECT_EQ(acts(bench, "seen-again"), 1);
}

TEST(Engine, oneWhoseDescriptorTellsNoIdIsAskedBeforeItIsWorkedOn) {
  ModelBench bench(bench_config(2), 2);
  bench.board(0).tells_id = false;
  bench.plug(0, 0);
  bench.run();
  EXPECT_EQ(last_row(bench).opening.device, bench.board(0).id);
  EXPECT_EQ(last_row(bench).opening.identity_by, records::IdentityBy::listening);
  bench.pull(0);
  bench.run();
  bench.plug(1, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(1).state, SlotState::done_already);
}

TEST(Engine, aBoardWhereNoSlotIsIsShownAndLeftAlone) {
  Config config = bench_config(2);
  config.slots.pop_back();
  ModelBench bench(config, 2);
  discovery::Device stray;
  stray.info.port = {1, {1, 2}};
  bench.engine().on(discovery::Change{discovery::Arrived{stray}});
  bench.run();
  EXPECT_TRUE(bench.store.rows.empty());
  ASSERT_EQ(bench.engine().status().elsewhere.size(), 1U);
  EXPECT_EQ(bench.engine().status().elsewhere[0].port, "sim/1.2");
  bench.engine().on(discovery::Change{discovery::Left{stray}});
  EXPECT_TRUE(bench.engine().status().elsewhere.empty());
}

TEST(Engine, aTryThatFailsIsTriedAgainEachWithARowOfItsOwn) {
  ModelBench bench(bench_config(2), 2);
  bench.board(0).fails_with = 6;
  bench.plug(0, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::fail);
  ASSERT_EQ(bench.store.rows.size(), 2U);
  EXPECT_EQ(bench.store.rows[1].opening.previous, bench.store.rows[0].opening.id);
  EXPECT_EQ(bench.store.rows[1].opening.attempt, 2);
  EXPECT_EQ(bench.engine().slot(0).short_code, "W6");
}

TEST(Engine, aDeviceThatFailsThreeTimesIsHeldUntilTheLeadReleasesIt) {
  Config config = bench_config(2);
  config.policy.stop_in_a_row = 0;
  ModelBench bench(config, 2);
  bench.board(0).fails_with = 5;
  for (int n = 0; n < 3; ++n) {
    bench.plug(0, 0);
    bench.run();
    EXPECT_EQ(bench.engine().slot(0).state, SlotState::fail) << n;
    bench.pull(0);
    bench.run();
  }
  bench.plug(1, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(1).state, SlotState::hold);
  EXPECT_EQ(bench.engine().slot(1).code, "too-many-tries");
  bench.pull(1);
  bench.run();
  bench.board(0).fails_with = 0;
  EXPECT_EQ(bench.engine().command({Command::What::release, bench.board(0).id, "lead"}), "");
  bench.plug(1, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(1).state, SlotState::pass);
}

TEST(Engine, aDeviceThatTheLeadHoldsIsNotWorkedOn) {
  ModelBench bench(bench_config(2), 2);
  EXPECT_EQ(bench.engine().command({Command::What::hold, bench.board(0).id, "lead"}), "");
  EXPECT_NE(bench.engine().command({Command::What::hold, "0123", "lead"}), "");
  bench.plug(0, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).code, "held");
  EXPECT_TRUE(bench.store.rows.empty());
}

TEST(Engine, threeFailsInARowStopTheLineUntilItIsUnlockedAndWhoWaitedBegins) {
  ModelBench bench(bench_config(4), 4);
  for (std::size_t n = 0; n < 3; ++n) {
    bench.board(n).fails_with = 5;
    bench.plug(n, n);
    bench.run();
  }
  ASSERT_TRUE(bench.engine().status().stop);
  EXPECT_EQ(bench.engine().status().stop->code, "fails-in-a-row");
  EXPECT_EQ(acts(bench, "stop"), 1);
  bench.plug(3, 3);
  bench.run();
  EXPECT_EQ(bench.engine().slot(3).state, SlotState::asking);
  EXPECT_EQ(bench.store.rows.size(), 3U);
  bench.engine().command({Command::What::unlock, "", "lead"});
  bench.run();
  EXPECT_EQ(bench.engine().slot(3).state, SlotState::pass);
  EXPECT_EQ(acts(bench, "unlock"), 1);
}

TEST(Engine, aStopSurvivesTheComputersEnd) {
  ModelBench bench(bench_config(4), 4);
  for (std::size_t n = 0; n < 3; ++n) {
    bench.board(n).fails_with = 5;
    bench.plug(n, n);
    bench.run();
    bench.pull(n);
  }
  bench.run();
  bench.lose_power();
  ASSERT_TRUE(bench.engine().status().stop);
  EXPECT_EQ(bench.engine().status().stop->code, "fails-in-a-row");
}

TEST(Engine, aJobThatTheComputersEndCutOffIsLostAndItsBoardBeginsAgain) {
  ModelBench bench(bench_config(2), 2);
  bench.plug(0, 0);
  while (bench.board(0).blocks < 2) ASSERT_TRUE(bench.step());
  bench.lose_power();
  EXPECT_EQ(bench.store.rows[0].ending->outcome, Outcome::lost);
  EXPECT_EQ(bench.store.rows[0].ending->code, "station-died");
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::pass);
  EXPECT_EQ(bench.store.rows[1].opening.previous, bench.store.rows[0].opening.id);
}

TEST(Engine, whereTheDiskIsFullNothingIsBegunUntilThereIsRoom) {
  ModelBench bench(bench_config(2), 2);
  bench.store.free = 1000;
  bench.plug(0, 0);
  bench.run(seconds(30));
  EXPECT_EQ(bench.engine().status().stop->code, "disk");
  EXPECT_TRUE(bench.store.rows.empty());
  bench.store.free = 1'000'000'000;
  bench.run(seconds(60));
  EXPECT_FALSE(bench.engine().status().stop);
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::pass);
}

TEST(Engine, aRowThatCannotBeClosedNowIsClosedLaterAndNeverShownAsAPass) {
  ModelBench bench(bench_config(2), 2);
  bench.plug(0, 0);
  while (bench.board(0).blocks < kBlocks) ASSERT_TRUE(bench.step());
  bench.store.fails = true;
  bench.run(seconds(20));
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::fail);
  EXPECT_EQ(bench.engine().slot(0).code, "no-record");
  EXPECT_EQ(bench.engine().status().stop->code, "no-record");
  EXPECT_FALSE(bench.store.rows[0].ending);
  bench.store.fails = false;
  bench.run(seconds(20));
  ASSERT_TRUE(bench.store.rows[0].ending);
  EXPECT_EQ(bench.store.rows[0].ending->outcome, Outcome::pass);
  EXPECT_TRUE(bench.shown_pass.empty());
  EXPECT_FALSE(bench.engine().status().stop);
}

TEST(Engine, aBoardIsNotTouchedWhereItsRowCannotBeOpened) {
  ModelBench bench(bench_config(2), 2);
  bench.plug(0, 0);
  bench.store.fails = true;
  bench.run(seconds(10));
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::hold);
  EXPECT_EQ(bench.board(0).blocks, 0);
}

TEST(Engine, anOrderThatIsCompleteStopsTheLine) {
  Config config = bench_config(4);
  config.order = "WO-1";
  config.quantity = 2;
  ModelBench bench(config, 4);
  for (std::size_t n = 0; n < 3; ++n) {
    bench.plug(n, n);
    bench.run(minutes(1));
  }
  EXPECT_EQ(bench.engine().status().counts.pass, 2);
  EXPECT_EQ(bench.engine().status().stop->code, "order-complete");
  EXPECT_EQ(bench.engine().slot(2).state, SlotState::asking);
}

// On a busy computer the job is on a device that has restarted before the station hears that it was
// away.
TEST(Engine, aDepartureThatTheJobIsPastIsNoPull) {
  for (const bool past : {false, true}) {
    ModelBench bench(bench_config(2), 2);
    bench.plug(0, 0);
    while (bench.engine().slot(0).share < 0.3 && bench.step()) continue;
    ASSERT_EQ(bench.engine().slot(0).state, SlotState::working);
    ASSERT_FALSE(bench.engine().slot(0).may_restart);
    discovery::Device before;
    before.info.port = {1, {1, 1}};
    before.info.address = 99;
    before.id = bench.board(0).id;
    bench.engine().on(discovery::Change{discovery::Arrived{before}});
    discovery::Device now = before;
    now.info.address = 100;
    if (past) bench.engine().on(News{0, JobSaw{now.info}});
    bench.engine().on(discovery::Change{discovery::Left{before}});
    EXPECT_EQ(bench.engine().slot(0).state, past ? SlotState::working : SlotState::pulled);
    bench.engine().on(discovery::Change{discovery::Arrived{now}});
    if (!past) continue;
    EXPECT_EQ(bench.engine().slot(0).state, SlotState::working);
    // What leaves now is the one that the job is on.
    bench.engine().on(discovery::Change{discovery::Left{now}});
    EXPECT_EQ(bench.engine().slot(0).state, SlotState::pulled);
  }
}

TEST(Engine, aDeviceThatPassesTwiceForAnOrderCountsOnce) {
  Config config = bench_config(4);
  config.order = "WO-1";
  config.quantity = 2;
  config.policy.done_already = DoneAlready::again;
  ModelBench bench(config, 4);
  for (const std::size_t slot : {0U, 1U}) {
    bench.plug(slot, 0);
    bench.run(minutes(1));
    EXPECT_EQ(bench.engine().slot(slot).state, SlotState::pass);
    bench.pull(slot);
    bench.run(minutes(1));
  }
  EXPECT_EQ(bench.store.rows.size(), 2U);
  EXPECT_EQ(bench.engine().status().counts.pass, 1);
  EXPECT_FALSE(bench.engine().status().stop);
  bench.plug(2, 1);
  bench.run(minutes(1));
  EXPECT_EQ(bench.engine().status().counts.pass, 2);
  EXPECT_EQ(bench.engine().status().stop->code, "order-complete");
}

TEST(Engine, aGoldenUnitIsNoneOfWhatIsMade) {
  Config config = bench_config(2);
  config.order = "WO-1";
  config.quantity = 1;
  config.policy.golden = {fmt::format("{:024x}", 1)};
  ModelBench bench(config, 2);
  bench.plug(0, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::pass);
  for (const bool again : {false, true}) {
    if (again) bench.lose_power();
    const Counts counts = bench.engine().status().counts;
    EXPECT_EQ(counts.pass, 0);
    EXPECT_EQ(counts.last_hour, 0);
    EXPECT_FALSE(bench.engine().status().stop);
  }
}

TEST(Engine, whatTheHallSaysOfAnOrderGoesBeforeTheConfiguration) {
  Config config = bench_config(4);
  config.order = "WO-1";
  config.quantity = 100;
  ModelBench bench(config, 4);
  // Ten are wanted, and eight are made elsewhere.
  bench.store.wanted.orders = {{"WO-1", "recipe", 10, 8}};
  for (std::size_t n = 0; n < 3; ++n) {
    bench.plug(n, n);
    bench.run(minutes(1));
  }
  EXPECT_EQ(bench.engine().status().counts.pass, 10);
  EXPECT_EQ(bench.engine().status().counts.quantity, 10);
  ASSERT_TRUE(bench.engine().status().stop);
  EXPECT_EQ(bench.engine().status().stop->code, "order-complete");
  EXPECT_EQ(bench.store.rows.size(), 2U);
  // More are wanted after all: who waited begins by itself.
  bench.store.wanted.orders.front().quantity = 11;
  bench.run(minutes(1));
  EXPECT_EQ(bench.engine().slot(2).state, SlotState::pass);
  EXPECT_EQ(bench.engine().status().stop->code, "order-complete");
}

TEST(Engine, anOrderThatWantsAnotherRecipeStopsTheLine) {
  Config config = bench_config(2);
  config.order = "WO-1";
  ModelBench bench(config, 2);
  bench.store.wanted.orders = {{"WO-1", "another", 0, 0}};
  bench.plug(0, 0);
  bench.run(seconds(30));
  ASSERT_TRUE(bench.engine().status().stop);
  EXPECT_EQ(bench.engine().status().stop->code, "order-recipe");
  EXPECT_TRUE(bench.store.rows.empty());
  bench.store.wanted.orders.front().recipe = "recipe";
  bench.run(minutes(1));
  EXPECT_FALSE(bench.engine().status().stop);
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::pass);
}

TEST(Engine, aDeviceThatMustGetAnotherRecipeIsHeldUntouched) {
  ModelBench bench(bench_config(2), 2);
  bench.store.wanted.assignments = {{bench.board(0).id, "another", "recall 7"}};
  bench.plug(0, 0);
  bench.plug(1, 1);
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).code, "another-recipe");
  EXPECT_EQ(bench.board(0).blocks, 0);
  EXPECT_EQ(bench.engine().slot(1).state, SlotState::pass);
  // Nor is it asked for in vain where its descriptor does not tell who it is.
  EXPECT_EQ(acts(bench, "held"), 1);
}

TEST(Engine, noBoardStartsBeforeTheGoldenUnitHasPassedAndAgainWhenItIsDue) {
  Config config = bench_config(4);
  config.policy.golden = {fmt::format("{:024x}", 1)};
  config.policy.golden_every = hours(8);
  ModelBench bench(config, 4);
  bench.plug(1, 1);
  bench.run(seconds(30));
  EXPECT_EQ(bench.engine().status().stop->code, "golden-due");
  EXPECT_TRUE(bench.store.rows.empty());
  bench.plug(0, 0);
  bench.run(minutes(1));
  EXPECT_EQ(bench.store.rows[0].opening.kind, records::Kind::golden);
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::pass);
  EXPECT_EQ(bench.engine().slot(1).state, SlotState::pass);
  bench.later(hours(9), [] {});
  bench.run(hours(9));
  bench.plug(2, 2);
  bench.run(seconds(30));
  EXPECT_EQ(bench.engine().status().stop->code, "golden-due");
}

TEST(Engine, aFileThatChangedOnTheDiskStopsTheLine) {
  ModelBench bench(bench_config(2), 2);
  bench.changed_file = "/srv/firmware/part1.bin";
  bench.plug(0, 0);
  bench.run(seconds(30));
  EXPECT_EQ(bench.engine().status().stop->code, "files-changed");
  EXPECT_TRUE(bench.store.rows.empty());
}

TEST(Engine, aHookThatRefusesHoldsTheBoardBeforeItIsTouched) {
  Config config = bench_config(2);
  config.hooks.push_back({HookConfig::On::before, {"gate"}, seconds(1), HookConfig::OnError::hold});
  ModelBench bench(config, 2);
  HookVerdict no;
  no.hold = true;
  no.code = "hook-refused";
  no.message = "not in this order";
  no.runs.emplace_back().exit_code = 10;
  bench.hooks_say[HookConfig::On::before] = no;
  bench.plug(0, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::hold);
  EXPECT_EQ(bench.engine().slot(0).message, "not in this order");
  EXPECT_EQ(bench.board(0).blocks, 0);
  EXPECT_EQ(bench.store.hook_runs.size(), 1U);
  EXPECT_EQ(acts(bench, "held"), 1);
}

TEST(Engine, whatTheHookBeforeSaysOfOperatorAndOrderIsInTheRow) {
  Config config = bench_config(2);
  config.hooks.push_back({HookConfig::On::before, {"gate"}, seconds(1), HookConfig::OnError::hold});
  ModelBench bench(config, 2);
  HookVerdict yes;
  yes.operator_name = "Anna";
  yes.order = "WO-7";
  bench.hooks_say[HookConfig::On::before] = yes;
  bench.plug(0, 0);
  bench.run();
  EXPECT_EQ(last_row(bench).opening.operator_name, "Anna");
  EXPECT_EQ(last_row(bench).opening.order_no, "WO-7");
}

TEST(Engine, aResultHookThatFailsHoldsTheTileButTheRowStaysAPass) {
  Config config = bench_config(2);
  config.hooks.push_back(
      {HookConfig::On::result, {"label"}, seconds(1), HookConfig::OnError::hold});
  ModelBench bench(config, 2);
  HookVerdict no;
  no.hold = true;
  no.code = "hook-failed";
  no.message = "no paper";
  bench.hooks_say[HookConfig::On::result] = no;
  bench.plug(0, 0);
  bench.run();
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::hold);
  EXPECT_EQ(last_row(bench).ending->outcome, Outcome::pass);
  EXPECT_TRUE(bench.shown_pass.empty());
}

TEST(Engine, aResultThatItsHookWasNotToldIsToldAtTheNextStart) {
  Config config = bench_config(2);
  config.hooks.push_back(
      {HookConfig::On::result, {"label"}, seconds(1), HookConfig::OnError::hold});
  ModelBench bench(config, 2);
  HookVerdict yes;
  yes.runs.emplace_back().event = "result";
  yes.runs.back().job = "job-1";
  bench.hooks_say[HookConfig::On::result] = yes;
  bench.plug(0, 0);
  while (bench.store.rows.empty() || !bench.store.rows[0].ending) ASSERT_TRUE(bench.step());
  EXPECT_EQ(bench.hooks_run, 1);
  bench.lose_power();  // before the hook has answered
  EXPECT_EQ(bench.hooks_run, 2);
  bench.run();
  ASSERT_FALSE(bench.store.hook_runs.empty());
  bench.lose_power();
  bench.run();
  EXPECT_EQ(bench.hooks_run, 2);
}

TEST(Engine, whereASlotSwallowsDifferentDevicesItGoesOff) {
  Config config = bench_config(2);
  config.policy.stop_in_a_row = 0;
  ModelBench bench(config, 3);
  for (std::size_t n = 0; n < 3; ++n) {
    bench.board(n).fails_with = 5;
    bench.plug(0, n);
    bench.run();
    bench.pull(0);
    bench.run();
  }
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::off);
  bench.engine().command({Command::What::slot_on, "A1", "lead"});
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::empty);
}

TEST(Engine, aDrainBeginsNothingAndEndsWhatRuns) {
  ModelBench bench(bench_config(2), 2);
  bench.plug(0, 0);
  while (bench.board(0).blocks < 1) ASSERT_TRUE(bench.step());
  bench.engine().command({Command::What::drain, "", "lead"});
  EXPECT_FALSE(bench.engine().idle());
  bench.plug(1, 1);
  bench.run(seconds(30));
  EXPECT_TRUE(bench.engine().idle());
  EXPECT_EQ(bench.engine().slot(0).state, SlotState::pass);
  EXPECT_EQ(bench.engine().slot(1).state, SlotState::asking);
}

TEST(Engine, noMoreJobsRunAtOnceThanAllowedAndTheOthersFollow) {
  Config config = bench_config(4);
  config.policy.at_once = 2;
  ModelBench bench(config, 4);
  for (std::size_t n = 0; n < 4; ++n) bench.plug(n, n);
  int most = 0;
  while (bench.step()) {
    most = std::max(most, static_cast<int>(std::ranges::count_if(
                              bench.store.rows, [](const auto& row) { return !row.ending; })));
    if (bench.store.rows.size() == 4 && bench.engine().idle()) break;
  }
  EXPECT_EQ(most, 2);
}

TEST(Engine, theBoardsOfAHubThatFellAreLostOnceAndPassWhenTheyAreBack) {
  ModelBench bench(bench_config(16), 16);
  for (std::size_t n = 0; n < 16; ++n) bench.plug(n, n);
  while (bench.board(15).blocks < 2) ASSERT_TRUE(bench.step());
  for (std::size_t n = 0; n < 8; ++n) bench.pull(n);
  bench.later(seconds(1), [&] {
    for (std::size_t n = 0; n < 8; ++n) bench.plug(n, n);
  });
  bench.run();
  int lost = 0;
  for (const records::Row& row : bench.store.rows) {
    if (row.ending->outcome == Outcome::lost) ++lost;
  }
  EXPECT_EQ(lost, 8);
  EXPECT_EQ(bench.shown_pass.size(), 16U);
  EXPECT_FALSE(bench.engine().status().stop);
}

}  // namespace
}  // namespace station
