// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/query.h"

#include "records/exchange.h"
#include "records/fixture.h"
#include "records/row_sql.h"

#include <gmock/gmock.h>

namespace records {
namespace {

using records_test::device;
using records_test::ending;
using records_test::Folder;
using records_test::id;
using records_test::kReport;
using records_test::opening;
using records_test::reader;
using records_test::rows;
using records_test::store;
using testing::ElementsAre;

constexpr std::int64_t kDay = 1'700'006'400'000 / kDayMs * kDayMs;  // the beginning of a day

// Three days of a bench with two slots.
class Days : public testing::Test {
 protected:
  void SetUp() override {
    records_ = store(folder_ / "station.db");
    job(device(1), "A1", 0, Outcome::fail, "timeout");
    job(device(1), "A2", 1, Outcome::pass);
    job(device(2), "A1", 12, Outcome::pass);
    job(device(3), "A2", 25, Outcome::fail, "verify-mismatch");
    job(device(3), "A2", 26, Outcome::fail, "verify-mismatch");
    job(device(2), "A1", 30, Outcome::pass);  // once more
    job(device(4), "A1", 49, Outcome::lost, "station-died");
    job(device(4), "A1", 50, Outcome::aborted, "pulled");
    job(device(4), "A1", 51, Outcome::pass);
    job("", "A2", 52, Outcome::pass);
    job("", "A2", 53, Outcome::fail, "timeout");
    reader_ = reader(folder_ / "station.db");
  }
  void job(const std::string& device, const std::string& slot, int hour, Outcome outcome,
           const std::string& code = {}) {
    Opening open = opening(++n_, kDay + hour * 3'600'000LL);
    open.device = device;
    open.slot = slot;
    open.order_no = hour < 24 ? "WO-1" : "WO-2";
    ASSERT_TRUE(records_->open_row(open));
    ASSERT_TRUE(records_->close_row(id(n_), ending(outcome, code), kReport));
  }
  Summary sums(const Filter& filter) {
    auto found = summary(*reader_, filter);
    EXPECT_TRUE(found);
    return found ? *found : Summary{};
  }

  Folder folder_;
  std::unique_ptr<Store> records_;
  std::unique_ptr<Connection> reader_;
  int n_ = 0;
};

TEST_F(Days, YieldIsOfDevicesAndFirstPassYieldOfTheirFirstVerdict) {
  const Summary all = sums({});
  EXPECT_EQ(all.all.jobs(), 11);
  EXPECT_EQ(all.all.pass, 5);
  EXPECT_EQ(all.all.fail, 4);
  EXPECT_EQ(all.all.aborted, 1);
  EXPECT_EQ(all.all.lost, 1);
  EXPECT_EQ(all.all.units, 6);         // four that tell an id, and two that do not
  EXPECT_EQ(all.all.units_passed, 4);  // 1, 2, 4 and one without
  EXPECT_EQ(all.all.first_pass, 3);    // 2, 4 (lost and pulled before: no verdicts), one without
  EXPECT_DOUBLE_EQ(*all.all.yield(), 4.0 / 6);
  EXPECT_DOUBLE_EQ(*all.all.first_pass_yield(), 0.5);
  EXPECT_DOUBLE_EQ(*all.all.seconds_per_unit(), 11 * 9.5 / 4);
  EXPECT_EQ(all.fails.at("timeout").at({"line1-a", "A1"}), 1);
  EXPECT_EQ(all.fails.at("timeout").at({"line1-a", "A2"}), 1);
  EXPECT_EQ(all.fails.at("verify-mismatch").at({"line1-a", "A2"}), 2);
  EXPECT_EQ(all.by_slot.at({"line1-a", "A1"}).jobs(), 6);
}

TEST_F(Days, ASummaryOfAnySpanIsThatOfItsRows) {
  // The whole days come from sums that were kept, the rest from rows: every pair of hours must give
  // what the rows alone give.
  const auto all = rows(*reader_);
  for (int since = -2; since < 60; since += 3) {
    for (int until = since; until < 80; until += 5) {
      Filter filter;
      filter.since_ms = kDay + since * 3'600'000LL;
      filter.until_ms = kDay + until * 3'600'000LL;
      std::int64_t jobs = 0;
      for (const Row& row : all) {
        jobs +=
            row.opening.started_ms >= filter.since_ms && row.opening.started_ms < filter.until_ms;
      }
      ASSERT_EQ(sums(filter).all.jobs(), jobs) << since << " to " << until;
    }
  }
}

TEST_F(Days, AFilterLeavesTheOthersOut) {
  Filter filter;
  filter.slot = "A2";
  EXPECT_EQ(sums(filter).all.jobs(), 5);
  EXPECT_EQ(sums(filter).by_slot.size(), 1U);
  filter = {};
  filter.order_no = "WO-1";
  EXPECT_EQ(sums(filter).all.jobs(), 3);
  EXPECT_EQ(rows(*reader_, filter).size(), 3U);
  filter = {};
  filter.device = device(3);
  EXPECT_EQ(sums(filter).all.fail, 2);
  EXPECT_EQ(sums(filter).all.units, 1);
  EXPECT_EQ(sums(filter).all.yield(), 0.0);
  filter = {};
  filter.outcome = "lost";
  EXPECT_EQ(sums(filter).all.jobs(), 1);
  filter.outcome = "open";
  EXPECT_EQ(sums(filter).all.jobs(), 0);
  ASSERT_TRUE(records_->open_row(opening(100)));
  EXPECT_EQ(sums(filter).open, 1);
  EXPECT_EQ(sums({}).open, 1);
  EXPECT_EQ(rows(*reader_, filter).front().opening.id, id(100));
  filter = {};
  filter.station = "line1-b";
  EXPECT_EQ(sums(filter).all.jobs(), 0);
  EXPECT_EQ(sums(filter).all.yield(), std::nullopt);
}

TEST_F(Days, NoMoreRowsComeThanWereAskedForAndTheNewestFirst) {
  std::vector<std::string> ids;
  ASSERT_TRUE(each_row(*reader_, {}, 2, [&](const Row& row) {
    ids.push_back(row.opening.id);
    return true;
  }));
  EXPECT_THAT(ids, ElementsAre(id(11), id(10)));
}

TEST_F(Days, DuplicatesAreDevicesThatPassedAgain) {
  const auto found = duplicates(*reader_, {});
  ASSERT_TRUE(found);
  ASSERT_GE(found->size(), 1U);
  EXPECT_EQ(found->front().device, device(2));
  EXPECT_EQ(found->front().reason, "passed-again");
  EXPECT_EQ(found->front().detail, "2");
}

TEST_F(Days, SumsThatAreMadeAnewAreTheSame) {
  const base::CancelToken cancel;
  const Summary before = sums({});
  auto writer = open_sqlite(folder_ / "station.db", Access::write);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->run("UPDATE tally SET n = n + 1 WHERE outcome = 'pass'"));
  EXPECT_EQ(check(*reader_, cancel)->problems.size(), 1U);
  ASSERT_TRUE(count_again(**writer));
  EXPECT_THAT(check(*reader_, cancel)->problems, ElementsAre());
  EXPECT_EQ(sums({}).all.units_passed, before.all.units_passed);
  EXPECT_EQ(sums({}).all.jobs(), before.all.jobs());
}

TEST_F(Days, ARowThatSomebodyChangedIsFound) {
  const base::CancelToken cancel;
  auto writer = open_sqlite(folder_ / "station.db", Access::write);
  ASSERT_TRUE((*writer)->run("UPDATE job SET message = 'all was well' WHERE id = $1", {id(4)}));
  const auto checked = check(*reader_, cancel);
  ASSERT_EQ(checked->problems.size(), 1U);
  EXPECT_THAT(checked->problems.front(), testing::HasSubstr(id(4)));
}

TEST_F(Days, AnExportIsTakenInOnceHoweverOften) {
  std::vector<std::string> lines;
  ASSERT_EQ(*export_all(*reader_,
                        [&](const std::string& line) {
                          lines.push_back(line);
                          return true;
                        }),
            11);
  { const auto other = store(folder_ / "other.db"); }
  auto other = open_sqlite(folder_ / "other.db", Access::write);
  for (int round = 0; round < 2; ++round) {
    for (const std::string& line : lines) {
      const auto entry = entry_of(line);
      ASSERT_TRUE(entry) << entry.error().message;
      const auto taken = take_in(**other, *entry);
      ASSERT_TRUE(taken) << taken.error().message;
      EXPECT_EQ(*taken, round == 0 ? Taken::added : Taken::known);
    }
  }
  EXPECT_EQ(rows(**other).size(), 11U);
  const base::CancelToken cancel;
  EXPECT_THAT(check(**other, cancel)->problems, ElementsAre());
  const auto sums_there = summary(**other, {});
  EXPECT_EQ(sums_there->all.first_pass, 3);
  std::vector<std::string> again;
  ASSERT_TRUE(export_all(**other, [&](const std::string& line) {
    again.push_back(line);
    return true;
  }));
  EXPECT_EQ(again, lines);
}

TEST_F(Days, AnotherContentUnderTheSameKeyIsRefusedLoudly) {
  { const auto other = store(folder_ / "other.db"); }
  auto other = open_sqlite(folder_ / "other.db", Access::write);
  auto entry = read_entry(*reader_, id(2));
  ASSERT_TRUE(take_in(**other, *entry));
  // A cloned disk: the same id, or the same number in the same station, for another job.
  auto changed = *read_entry(*reader_, id(3));
  changed.row.opening.id = id(2);
  EXPECT_EQ(take_in(**other, changed).error().id, "bad-record");  // its digest tells
  changed = *read_entry(*reader_, id(3));
  ASSERT_TRUE((*other)->run("UPDATE job SET digest = 'x' WHERE id = $1", {id(2)}));
  EXPECT_EQ(take_in(**other, *entry).error().id, "record-differs");
  ASSERT_TRUE((*other)->run("UPDATE job SET station_seq = 3 WHERE id = $1", {id(2)}));
  const auto refused = take_in(**other, changed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().id, "record-differs");
  EXPECT_EQ(rows(**other).size(), 1U);
}

TEST(EntryOf, RefusesWhatIsNoRecord) {
  for (const char* line : {"", "[]", "{}", "{\"job\": 5}", "{\"job\": {\"id\": 5}}",
                           R"({"job": {"id": "a", "station": "b", "outcome": "good"}})",
                           R"({"job": {"id": "a", "station": "b", "seconds": "x"}})"}) {
    const auto entry = entry_of(line);
    const bool bad = !entry || entry->row.ending == std::nullopt;
    EXPECT_TRUE(bad) << line;
    EXPECT_TRUE(entry || entry.error().id == "bad-record") << line;
  }
}

TEST_F(Days, PruningTakesReportsAndLeavesRows) {
  auto writer = open_sqlite(folder_ / "station.db", Access::write);
  ASSERT_TRUE((*writer)->run("INSERT INTO outbox(target, job) VALUES('postgresql', $1)", {id(1)}));
  const auto pruned = prune(**writer, 1'900'000'000'000, 5, "ana");
  ASSERT_TRUE(pruned);
  EXPECT_EQ(pruned->reports, 10);  // one was not forwarded yet
  EXPECT_EQ(rows(*reader_).size(), 11U);
  EXPECT_EQ(*report_of(*reader_, id(2)), "");
  EXPECT_NE(*report_of(*reader_, id(1)), "");
  const base::CancelToken cancel;
  EXPECT_THAT(check(*reader_, cancel)->problems, ElementsAre());
  EXPECT_EQ(acts(*reader_, 1)->front().what, "prune");
}

}  // namespace
}  // namespace records
